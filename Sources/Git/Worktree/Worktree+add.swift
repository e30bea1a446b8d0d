import CLibgit2
import CPlatform
import Glibc

extension Worktree {
    /// Makes a branch at `base` and checks it out into the new directory `path`.
    ///
    /// The branch (a short name, as `runner/12-fix`) gets no upstream. Throws `.exists` when the branch, the worktree
    /// or the directory is there already. Safe from many threads and processes at once; files are written outside the
    /// lock. After an error nothing is left of it. Submodules stay empty directories. A spare below the folder `spares`
    /// is used where there is one: then little is left to do. `report` hears what was left undone on purpose.
    package static func add(
        hub: Hub, name: String, path: String, branch: String, base: ObjectID, sparse: SparsePatterns? = nil,
        spares: String? = nil, report: (CheckoutReport) -> Void = { _ in }
    ) throws(GitError) -> Worktree {
        let worktree = Worktree(hub: hub, name: name, path: path)
        try worktree.checkNames()
        let reference = "refs/heads/" + branch
        let repository = try hub.open()
        try repository.requireCommit(base)
        let head = GitRepository.Head.branch(reference, base)
        var undo: [() -> Void] = []
        do throws(GitError) {
            var spare: Spare?
            try hub.withLock { () throws(GitError) in
                try repository.createReference(reference, at: base, log: "branch: Created from \(base)")
                undo.append { worktree.forgetBranch(reference, at: base) }
                try Directory.createParents(of: path)
                guard !worktree.isTaken else {
                    throw .system("create the directory '\(path)'", errno: EEXIST)
                }
                undo.append {
                    Directory.removeTree(path)
                    Directory.removeTree(worktree.adminPath)
                }
                // A spare holds the whole tree, so it does not serve a sparse checkout.
                if let spares, sparse == nil {
                    spare = try worktree.claim(Spare.list(hub: hub, folder: spares), base, head)
                }
                if spare == nil {
                    try worktree.makeEmpty(head: head)
                    try sparse?.record(in: worktree.adminPath)
                }
            }
            switch spare {
            case nil: report(try Checkout(worktree: worktree, commit: base, sparse: sparse).run())
            // Large files may have come since.
            case let spare? where spare.commit != base || hub.largeFileUse != nil:
                try worktree.catchUp(with: base, report)
            case let spare?: try worktree.moveIndex(from: spare.worktree.path, by: Directory.overwrite)
            }
        } catch {
            for step in undo.reversed() { step() }
            throw error
        }
        return worktree
    }

    /// Whether something has its path (a link that leads nowhere too) or its name.
    private var isTaken: Bool {
        var status = stat()
        return lstat(path, &status) == 0 || lstat(adminPath, &status) == 0
    }

    /// Takes the first spare that can be had, those of the very commit first.
    private func claim(_ spares: [Spare], _ base: ObjectID, _ head: GitRepository.Head) throws(GitError) -> Spare? {
        for spare in spares.filter({ $0.commit == base }) + spares.filter({ $0.commit != base }) {
            if try spare.move(to: self, head: head) { return spare }
        }
        return nil
    }

    private func makeEmpty(head: GitRepository.Head) throws(GitError) {
        guard mkdir(path, 0o777) == 0 else { throw .system("create the directory '\(path)'", errno: errno) }
        try writeAdmin(head: head)
        try writeLink()
    }

    /// Has the index say where the directory is now: git warns in every status of one that says otherwise.
    func moveIndex(
        from path: String, by write: ([UInt8], String) throws(GitError) -> Void = Directory.write
    ) throws(GitError) {
        let index = adminPath + "/index"
        guard access(index, F_OK) == 0 else { return }
        let bytes = try OpenFile(BytePath(index).name, in: DirectoryHandle.open(adminPath)).bytes()
        if let moved = UntrackedCache.move(bytes, from: path, to: self.path) {
            try write(IndexFile.finished(moved), index)
        }
    }

    /// Brings a claimed spare to `base`; where that fails, all is written anew.
    private func catchUp(with base: ObjectID, _ report: (CheckoutReport) -> Void) throws(GitError) {
        let checkout = Checkout(worktree: self, commit: base)
        do throws(GitError) {
            report(try checkout.update())
        } catch {
            try emptyDirectory()
            report(try checkout.run())
        }
    }

    /// Writes an index that holds the tree of `commit`, so that the directory's differences from it show as unstaged.
    ///
    /// What a sparse checkout leaves out stays marked.
    package func resetIndex(to commit: ObjectID) throws(GitError) {
        let repository = try open()
        let tree = try repository.tree(of: commit)
        defer { git_tree_free(tree) }
        let marks = SparseMarks(folder: adminPath, old: try? StoredIndex(path: adminPath + "/index"))
        unlink(adminPath + "/index")
        let index = try gitPointer("open the index") { git_repository_index(&$0, repository.pointer) }
        defer { git_index_free(index) }
        try git("read tree of \(commit.short)") { git_index_read_tree(index, tree) }
        try marks.apply(to: index, root: path)
        try git("write the index") { git_index_write(index) }
    }

    private func forgetBranch(_ reference: String, at base: ObjectID) {
        // The error that led here is the one to report; a branch left behind is found again by its name.
        if let repository = try? hub.open() { try? repository.deleteReference(reference, expecting: base) }
    }
}
