/// What `Workspace.rewind` did.
package struct RewoundTask: Sendable, Hashable, Encodable {
    package let task: Int
    /// The step whose end the worktree is at again.
    package let step: String
    /// The checkpoint that the files have again, and the commit at which the branch is.
    package let checkpoint: String
    package let tip: String
    /// The number of the snapshot that holds what was there before.
    package let snapshot: Int
    /// What that snapshot does not hold, one sentence each.
    package let notSaved: [String]
    /// The step with which `runner retry` goes on; nil after the last one.
    package let next: String?
}
