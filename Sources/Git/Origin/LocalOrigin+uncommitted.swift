import CLibgit2

extension LocalOrigin {
    /// True when the checkout has changes that no commit holds; untracked files count, submodules do not.
    ///
    /// libgit2's own status takes three times as long, and is asked where this look cannot be certain.
    package func hasUncommittedChanges() throws(GitError) -> Bool {
        guard let workTree else { return false }
        let repository = try open()
        // Opened by its Git directory, one that lies elsewhere does not know its checkout.
        try git("read the checkout '\(workTree)'") { git_repository_set_workdir(repository.pointer, workTree, 0) }
        if let isChanged = try looksChanged(repository, workTree) { return isChanged }
        return try hasStatus(repository)
    }

    /// The answer of a walk over the files, or nil where contents would have to be compared.
    func looksChanged(
        _ repository: borrowing GitRepository, _ workTree: String
    ) throws(GitError) -> Bool? {
        // Without its file, an index would be rebuilt: nothing of the user's is written.
        guard IndexStat.time(of: repository.gitDirectory + "/index") != nil else { return nil }
        let index = try WorktreeIndex(repository, root: workTree)
        guard isTreeOfHead(index, repository) else { return nil }
        let scan = try WorktreeScan.run(repository, index: index, path: workTree, threads: 1)
        if !scan.removed.isEmpty || scan.candidates.contains(where: { $0.recorded == nil }) { return true }
        for skipped in scan.skipped {
            switch skipped.reason {
            case .nestedRepository: return true
            case .special: continue
            default: return nil
            }
        }
        return scan.candidates.isEmpty ? false : nil
    }

    /// Whether the index says that it is HEAD's tree (gitformat-index: "cache tree"); false when it does not say.
    private func isTreeOfHead(_ index: borrowing WorktreeIndex, _ repository: borrowing GitRepository) -> Bool {
        guard let head = try? repository.head().commit, let tree = try? repository.tree(of: head) else { return false }
        defer { git_tree_free(tree) }
        // What the index does not know would be written: into memory, where it also lacks the files and so fails.
        var odb: OpaquePointer?
        var memory: OpaquePointer?
        var backend: UnsafeMutablePointer<git_odb_backend>?
        guard git_odb_new(&odb) == 0 else { return false }
        defer { git_odb_free(odb) }
        guard git_mempack_new(&backend) == 0, git_odb_add_backend(odb, backend, 1) == 0,
            git_repository_wrap_odb(&memory, odb) == 0
        else { return false }
        defer { git_repository_free(memory) }
        var id = git_oid()
        guard git_index_write_tree_to(&id, index.pointer, memory) == 0 else {
            git_error_clear()
            return false
        }
        return git_oid_equal(&id, git_tree_id(tree)) == 1
    }

    private func hasStatus(_ repository: borrowing GitRepository) throws(GitError) -> Bool {
        var options = git_status_options()
        try git("prepare a status") { git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)) }
        options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue | GIT_STATUS_OPT_EXCLUDE_SUBMODULES.rawValue
        let list = try gitPointer("read the status of '\(gitDirectory)'") {
            git_status_list_new(&$0, repository.pointer, &options)
        }
        defer { git_status_list_free(list) }
        return git_status_list_entrycount(list) > 0
    }
}
