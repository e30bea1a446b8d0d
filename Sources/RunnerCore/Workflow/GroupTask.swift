/// What the runner itself does at the end of a group whose steps had worktrees of their own.
package enum GroupTask: String, Sendable, Hashable, CaseIterable {
    /// Takes over what the chosen candidate of a fork did.
    case winner
    /// Brings together what all did.
    case merge
    /// Sees to it that no conflict is left in the files that could not be merged.
    case merged
}
