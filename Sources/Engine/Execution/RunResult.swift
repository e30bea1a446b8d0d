package import RunnerCore

/// How a foreground run ended.
package struct RunResult: Sendable {
    package let task: TaskRecord
    package let status: RunStatus
    package let error: String?
    /// The branch that a local origin got.
    package let publishedBranch: String?
}
