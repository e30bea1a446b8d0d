/// The commit that holds a worktree's state, and what it could not hold.
package struct CheckpointResult: Sendable, Hashable {
    package let commit: ObjectID
    package let tree: ObjectID
    /// Whether the tree differs from that of the first parent; true when there is none.
    package let changed: Bool
    package let skipped: [SkippedPath]
}
