package import RunnerCore

/// A task with what it belongs to and its runs.
package struct TaskDetail: Sendable {
    package var task: TaskRecord
    package var repository: Repository
    /// The newest.
    package var environment: EnvironmentRecord?
    /// Oldest first.
    package var runs: [RunRecord]
}
