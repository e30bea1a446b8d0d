import Foundation
import RunnerCore

/// How a worker's time with a run ended.
enum RunEnd: Sendable {
    case ended(RunResult)
    /// The run waits, without an owner, until about then.
    case waiting(until: Date)
    /// The run waits, without an owner, for the tasks that work for it.
    case waitingForTasks
    /// The run waits, without an owner, for a person's decision about this step.
    case gate(String)
    /// The run waits, without an owner, until somebody raises the budget that is used up.
    case held
    case left(RunControl.Departure)
}
