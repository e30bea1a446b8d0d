extension Worktree {
    /// Makes a worktree of `commit` without a branch, which nothing else knows; blocks as long as a checkout takes.
    ///
    /// `path` must be missing or empty. After an error nothing is left of it.
    package static func addDetached(
        hub: Hub, name: String, path: String, commit: ObjectID
    ) throws(GitError) -> Worktree {
        let worktree = Worktree(hub: hub, name: name, path: path)
        try worktree.recreateAdmin(head: .detached(commit))
        do throws(GitError) {
            _ = try Checkout(worktree: worktree, commit: commit, threads: 2).run()
        } catch {
            Directory.removeTree(worktree.path)
            Directory.removeTree(worktree.adminPath)
            throw error
        }
        return worktree
    }

    /// Takes the directory and the administrative folder away; for worktrees that hold nobody's work.
    package func discard() throws(GitError) {
        let place = BytePath(path)
        let parent = try DirectoryHandle.open(String(decoding: place.parent.bytes, as: UTF8.self))
        try TreeRemoval.remove(place.name, in: parent, expected: nil)
        try removeAdmin()
    }
}
