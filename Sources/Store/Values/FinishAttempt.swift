package import RunnerCore

/// How an attempt ended, and what follows from it, to be recorded as one.
package struct FinishAttempt: Sendable {
    package var runID: RunID
    /// The fence that the writer's claim gave.
    package var fence: Int
    /// The attempt with its outcome; its times are the server's, except a duration that was measured.
    package var attempt: AttemptRecord
    package var tools: [ToolExecution]
    /// Nil for scripts.
    package var agent: AgentFinish?
    /// Steps that have ended already are left as they are.
    package var stepChanges: [(StepID, StepStatus)]
    /// The rounds of the groups among them.
    package var turns: [StepID: Int] = [:]
    /// The attempt that starts at once.
    package var next: BeginAttempt?
    /// The end of the run; excludes `next`.
    package var finish: RunFinish?
    /// The run lets go of its owner until a time; excludes `next` and `finish`.
    package var wait: RunWait?
    /// The commit at which the environment stands now.
    package var head: String?
    /// The commit that the environment's work begins at from now on; nil: as before.
    package var base: String?
    /// What the attempt handed over; names differ.
    package var artifacts: [NewArtifact] = []

    package init(
        runID: RunID, fence: Int, attempt: AttemptRecord, tools: [ToolExecution] = [],
        agent: AgentFinish? = nil,
        stepChanges: [(StepID, StepStatus)] = [], next: BeginAttempt? = nil, finish: RunFinish? = nil,
        wait: RunWait? = nil, head: String? = nil
    ) {
        self.runID = runID
        self.fence = fence
        self.attempt = attempt
        self.tools = tools
        self.agent = agent
        self.stepChanges = stepChanges
        self.next = next
        self.finish = finish
        self.wait = wait
        self.head = head
    }
}
