package import RunnerCore

/// A candidate of a fork: the step of the run that forked, and the task that does the work.
package struct CandidateRun: Sendable {
    package var stepKey: String
    package var runID: RunID
    /// Nil: the task was not made yet.
    package var task: TaskRecord?
    package var status: RunStatus?
    package var error: String?
    package var environment: EnvironmentRecord?
    package var costUSD: Double?
}
