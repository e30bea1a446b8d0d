package import RunnerCore

/// A run of a batch that somebody can take in hand.
package struct BatchRun: Sendable, Hashable {
    package var run: RunID
    package var taskID: TaskID
    /// The task's number.
    package var task: Int
    package var item: Int
    package var title: String
}
