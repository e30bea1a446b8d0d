package import RunnerCore

/// How an attempt ended, and what follows from it, to be recorded as one.
package struct FinishAttempt: Sendable {
    package var runID: RunID
    /// The fence that the writer's claim gave.
    package var fence: Int
    /// The attempt with its outcome; its times are the server's, except a duration that was measured.
    package var attempt: AttemptRecord
    package var tools: [ToolExecution]
    /// Steps that have ended already are left as they are.
    package var stepChanges: [(StepID, StepStatus)]
    /// The attempt that starts at once.
    package var next: BeginAttempt?
    /// The end of the run; excludes `next`.
    package var finish: RunFinish?

    package init(
        runID: RunID, fence: Int, attempt: AttemptRecord, tools: [ToolExecution] = [],
        stepChanges: [(StepID, StepStatus)] = [], next: BeginAttempt? = nil, finish: RunFinish? = nil
    ) {
        self.runID = runID
        self.fence = fence
        self.attempt = attempt
        self.tools = tools
        self.stepChanges = stepChanges
        self.next = next
        self.finish = finish
    }
}
