/// What `Worktree.commitOnBranch` did.
package struct BranchCommit: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// A new commit is at the branch's tip.
        case committed(ObjectID)
        /// The branch was moved forward to commits that the agent had made elsewhere; no commit was added.
        case moved(ObjectID)
        /// The branch already holds everything.
        case unchanged
        /// The agent left an operation unfinished; nothing was touched.
        case inProgress(Operation)
    }

    /// What is unfinished in a worktree, as git calls it.
    package enum Operation: String, Sendable, Hashable, CaseIterable {
        case merge, revert, bisect, rebase
        case cherryPick = "cherry-pick"
        case applyMailbox = "git am"
    }

    package let outcome: Outcome
    /// The branch's tip now; nil when there is no such branch.
    package let tip: ObjectID?
    package let skipped: [SkippedPath]
    /// False when the index file could not be rewritten; `git status` then shows staged differences.
    package let isIndexRefreshed: Bool
}
