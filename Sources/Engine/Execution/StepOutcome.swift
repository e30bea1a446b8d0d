import Agents
import RunnerCore

/// What one attempt came to, ready to be recorded and to decide what is next.
struct StepOutcome: Sendable {
    var attempt: AttemptRecord
    var tools: [ToolExecution]
    var result: StepResult
    var facts: StepFacts
}
