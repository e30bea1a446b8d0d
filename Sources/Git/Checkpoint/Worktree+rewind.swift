import CLibgit2
import Glibc

extension Worktree {
    /// Takes the files back from `checkpoint`, which holds them as they are, to `before`, and `branch` (a short name)
    /// to `tip`, with HEAD on it.
    ///
    /// What was made since goes, what was changed or deleted comes back; files that neither commit knows, such as
    /// ignored ones or those too large for a checkpoint, stay. An unfinished merge or rebase is given up. Doing it again
    /// changes nothing. `beforeMoving` is asked before anything is touched.
    /// For use between steps, when no agent runs in the worktree.
    package func rewind(
        from checkpoint: ObjectID, to before: ObjectID, branch: String, tip: ObjectID,
        log: String = "reset: an interrupted attempt is repeated",
        beforeMoving: () throws(GitError) -> Void = {}
    ) throws(GitError) {
        let repository = try open()
        let reference = "refs/heads/" + branch
        let current = try repository.reference(reference)
        try beforeMoving()
        // Where nothing changes nothing is touched, so that a sparse worktree stays sparse.
        if try repository.treeID(of: before) != repository.treeID(of: checkpoint) {
            try makeIndexReadable()
            try StaleLock.retrying(adminPath + "/index.lock") { () throws(GitError) in
                try repository.checkOut(before, since: checkpoint)
            }
            try convertAgain(before, since: checkpoint)
            try fillLargeFiles(of: before)
        }
        try git("give up an unfinished operation") { git_repository_state_cleanup(repository.pointer) }
        // Files may take their time; by then the branch may be another worker's.
        try beforeMoving()
        try StaleLock.retrying("\(hub.path)/\(reference).lock") { () throws(GitError) in
            if let current {
                guard current != tip else { return }
                try repository.updateReference(
                    reference, to: tip, expecting: current, log: log)
            } else {
                try repository.createReference(reference, at: tip, log: "branch: Created from \(tip)")
            }
        }
        if try repository.head() != .branch(reference, tip) {
            try StaleLock.retrying(adminPath + "/HEAD.lock") { () throws(GitError) in
                try repository.setHead(toBranch: reference, log: "checkout: moving to \(reference)")
            }
        }
        if try repository.treeID(of: tip) != repository.treeID(of: before) { try resetIndex(to: tip) }
    }

    /// Writes an index that libgit2 cannot read anew, as it is.
    private func makeIndexReadable() throws(GitError) {
        guard access(adminPath + "/index", F_OK) == 0 else { return }
        let index = try WorktreeIndex(open(), root: path)
        if index.isRebuilt { try index.write() }
    }
}

extension GitRepository {
    /// Brings the files from the tree of `baseline`, which they have, to that of `target`.
    fileprivate func checkOut(_ target: ObjectID, since baseline: ObjectID) throws(GitError) {
        let tree = try tree(of: target)
        defer { git_tree_free(tree) }
        let old = try self.tree(of: baseline)
        defer { git_tree_free(old) }
        var options = git_checkout_options()
        try git("prepare a checkout") { git_checkout_options_init(&options, UInt32(GIT_CHECKOUT_OPTIONS_VERSION)) }
        options.checkout_strategy = GIT_CHECKOUT_FORCE.rawValue | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH.rawValue
        options.baseline = old
        try git("take the worktree back to \(target.short)") { git_checkout_tree(pointer, tree, &options) }
    }
}
