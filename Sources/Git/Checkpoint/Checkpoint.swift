import CLibgit2

/// Commits of a worktree's exact state, made beside the branch: index, HEAD, references and files stay untouched.
package enum Checkpoint {
    /// Files above 1 GiB are not recorded unless asked for: one core dump must not fill the disk.
    package static let sizeLimit = 1 << 30

    /// Writes a commit with every change, deletion and untracked file of the worktree; ignored files are left out.
    ///
    /// The parents are `parent` (nil: the worktree's HEAD) and HEAD where it is not already in the history of `parent`,
    /// so that the checkpoint keeps an agent's own commits alive. No reference is set. Nested repositories, special
    /// and unreadable files never make it fail; they come back as `skipped`, and what was tracked there keeps its last
    /// known content. A conflicted path is recorded as the file stands on disk. Where HEAD alone holds the state
    /// already, HEAD is the result and nothing is written.
    package static func write(
        worktree: Worktree, parent: ObjectID? = nil, message: String, author: Signature, committer: Signature,
        sizeLimit: Int = Checkpoint.sizeLimit
    ) throws(GitError) -> CheckpointResult {
        let repository = try worktree.open()
        let stage = try WorktreeStage.make(repository, path: worktree.path, sizeLimit: sizeLimit)
        let tree = try stage.writeTree(repository)
        var parents: [ObjectID] = []
        if let parent { parents.append(parent) }
        if let head = try repository.head().commit {
            let isKnown = try parent.map { (id) throws(GitError) in try repository.isDescendant(id, of: head) }
            if isKnown != true { parents.append(head) }
        }
        let changed = try parents.first.map { (id) throws(GitError) in try repository.treeID(of: id) != tree } ?? true
        // One commit that holds the state already needs no second one, which nothing would refer to.
        let commit: ObjectID
        if !changed, parents.count == 1 {
            commit = parents[0]
        } else {
            commit = try repository.createCommit(
                tree: tree, parents: parents, message: message, author: author, committer: committer)
            try HubDurability.writeOut(commit, of: repository)
        }
        return CheckpointResult(commit: commit, tree: tree, changed: changed, skipped: stage.skipped)
    }
}
