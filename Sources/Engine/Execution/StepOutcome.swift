import Agents
import RunnerCore

/// What one attempt came to, ready to be recorded and to decide what is next.
struct StepOutcome: Sendable {
    var attempt: AttemptRecord
    var tools: [ToolExecution]
    var result: StepResult
    var facts: StepFacts
    /// Where the branch stands after it; nil when it was not looked at.
    var branchTip: String?
}
