/// How a target branch has the changes of another one.
package enum MergeEvidence: Sendable, Hashable {
    /// The tip is in the target's history.
    case ancestor
    /// The branch ends with the very files that it began with.
    case unchanged
    /// This commit of the target, made after the branch left it, has the same files.
    case sameFiles(ObjectID)
    /// This commit of the target makes the whole change of the branch (a squash merge).
    case squashed(ObjectID)
    /// Each of this many commits of the branch is in the target as a patch (a rebase or cherry-picks).
    case picked(Int)

    /// Completes "… is merged: ".
    package func sentence(target: String) -> String {
        switch self {
        case .ancestor: "its commits are in \(target)"
        case .unchanged: "it changes nothing"
        case .sameFiles(let commit): "\(target) had the same files at \(commit.short)"
        case .squashed(let commit): "squashed into \(target) as \(commit.short)"
        case .picked(let count):
            count == 1 ? "its commit was picked into \(target)" : "its \(count) commits were picked into \(target)"
        }
    }
}
