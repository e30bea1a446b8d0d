package import RunnerCore

/// The intent to try a step, written before anything of it happens.
package struct BeginAttempt: Sendable {
    package var runID: RunID
    /// The fence that the writer's claim gave.
    package var fence: Int
    package var stepID: StepID
    package var agent: String?
    package var input: JSONValue
    package var commitBefore: String?
    package var branchBefore: String?

    package init(
        runID: RunID, fence: Int, stepID: StepID, agent: String? = nil, input: JSONValue = .object([:]),
        commitBefore: String? = nil, branchBefore: String? = nil
    ) {
        self.runID = runID
        self.fence = fence
        self.stepID = stepID
        self.agent = agent
        self.input = input
        self.commitBefore = commitBefore
        self.branchBefore = branchBefore
    }
}
