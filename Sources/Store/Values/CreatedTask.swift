package import RunnerCore

/// A task as it was just made.
package struct CreatedTask: Sendable {
    package var task: TaskRecord
    package var run: RunRecord
    /// In order of position.
    package var steps: [StepRecord]
}
