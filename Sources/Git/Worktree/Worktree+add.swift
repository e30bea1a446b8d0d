import CLibgit2
import Glibc

extension Worktree {
    /// Makes a branch at `base` and checks it out into the new directory `path`.
    ///
    /// The branch (a short name, as `runner/12-fix`) gets no upstream. Throws `.exists` when the branch, the worktree
    /// or the directory is there already. Safe from many threads and processes at once; files are written outside the
    /// lock. After an error nothing is left of it. Submodules stay empty directories.
    package static func add(
        hub: Hub, name: String, path: String, branch: String, base: ObjectID
    ) throws(GitError) -> Worktree {
        let worktree = Worktree(hub: hub, name: name, path: path)
        try worktree.checkNames()
        let reference = "refs/heads/" + branch
        let repository = try hub.open()
        try repository.requireCommit(base)
        var undo: [() -> Void] = []
        do throws(GitError) {
            try hub.withLock { () throws(GitError) in
                try repository.createReference(reference, at: base, log: "branch: Created from \(base)")
                undo.append { worktree.forgetBranch(reference, at: base) }
                try Directory.createParents(of: path)
                guard mkdir(path, 0o777) == 0 else { throw .system("create the directory '\(path)'", errno: errno) }
                undo.append { Directory.removeTree(path) }
                try worktree.writeAdmin(head: .branch(reference, base))
                undo.append { Directory.removeTree(worktree.adminPath) }
                try worktree.writeLink()
            }
            try worktree.checkOut(base, in: try worktree.open())
        } catch {
            for step in undo.reversed() { step() }
            throw error
        }
        return worktree
    }

    /// Writes the files of `commit` into the fresh directory and the index into the administrative folder.
    func checkOut(_ commit: ObjectID, in repository: borrowing GitRepository) throws(GitError) {
        var oid = commit.oid
        let object = try gitPointer("read commit \(commit.short)") {
            git_object_lookup(&$0, repository.pointer, &oid, GIT_OBJECT_COMMIT)
        }
        defer { git_object_free(object) }
        var options = git_checkout_options()
        try git("prepare a checkout") { git_checkout_options_init(&options, UInt32(GIT_CHECKOUT_OPTIONS_VERSION)) }
        options.checkout_strategy = GIT_CHECKOUT_FORCE.rawValue | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH.rawValue
        try git("check out \(commit.short) into '\(path)'") {
            git_checkout_tree(repository.pointer, object, &options)
        }
    }

    /// Writes an index that holds the tree of `commit`, so that the directory's differences from it show as unstaged.
    package func resetIndex(to commit: ObjectID) throws(GitError) {
        let repository = try open()
        let tree = try repository.tree(of: commit)
        defer { git_tree_free(tree) }
        unlink(adminPath + "/index")
        let index = try gitPointer("open the index") { git_repository_index(&$0, repository.pointer) }
        defer { git_index_free(index) }
        try git("read tree of \(commit.short)") { git_index_read_tree(index, tree) }
        try git("write the index") { git_index_write(index) }
    }

    private func forgetBranch(_ reference: String, at base: ObjectID) {
        // The error that led here is the one to report; a branch left behind is found again by its name.
        if let repository = try? hub.open() { try? repository.deleteReference(reference, expecting: base) }
    }
}
