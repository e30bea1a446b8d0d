import CLibgit2
import Glibc

/// What in a worktree is not in its HEAD commit.
package enum Status {
    /// The changed, staged, deleted, conflicted and untracked paths, sorted, at most `limit` of them.
    ///
    /// Ignored files do not count. What cannot be read counts as clean, but a submodule that cannot be read does not.
    /// Nothing is written.
    package static func dirtyPaths(_ worktree: Worktree, limit: Int = .max) throws(GitError) -> [BytePath] {
        Array(try dirtyPaths(try worktree.open(), at: worktree.path).sorted().prefix(limit))
    }

    private static func dirtyPaths(
        _ repository: borrowing GitRepository, at path: String
    ) throws(GitError) -> Set<BytePath> {
        let stage = try WorktreeStage.make(repository, path: path, stores: false, sizeLimit: Checkpoint.sizeLimit)
        var paths = Set(stage.changed)
        paths.formUnion(try staged(repository, stage.index))
        // What the checkpoint must leave out is dirty all the same: it would be lost with the directory.
        paths.formUnion(stage.skipped.map(\.path))
        for submodule in stage.index.submodules where isDirty(submodule, in: path) { paths.insert(submodule) }
        return paths
    }

    /// Whether a submodule holds what its own HEAD commit does not, as `git status` sees it.
    private static func isDirty(_ submodule: BytePath, in directory: String) -> Bool {
        let path = directory + "/" + String(decoding: submodule.bytes, as: UTF8.self)
        guard NestedRepository.isOne(Array(directory.utf8) + [BytePath.slash] + submodule.bytes, in: AT_FDCWD) else {
            return false
        }
        do throws(GitError) {
            let repository = try GitRepository(gitDirectory: path, bare: false)
            try git("open the submodule at '\(path)'") { git_repository_set_workdir(repository.pointer, path, 0) }
            return try !dirtyPaths(repository, at: path).isEmpty
        } catch {
            return true
        }
    }

    private static func staged(
        _ repository: borrowing GitRepository, _ index: borrowing WorktreeIndex
    ) throws(GitError) -> [BytePath] {
        let tree = try repository.head().commit.map { (id) throws(GitError) in try repository.tree(of: id) }
        defer { if let tree { git_tree_free(tree) } }
        let diff = try gitPointer("compare the index with HEAD") {
            git_diff_tree_to_index(&$0, repository.pointer, tree, index.pointer, nil)
        }
        defer { git_diff_free(diff) }
        return (0..<git_diff_num_deltas(diff)).compactMap { position in
            guard let delta = git_diff_get_delta(diff, position)?.pointee,
                let path = delta.new_file.path ?? delta.old_file.path
            else { return nil }
            return BytePath(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
        }
    }
}
