import CLibgit2
import Glibc

/// A worktree's index in memory: read from disk, by ourselves where libgit2 cannot, or rebuilt from HEAD when the file is
/// missing or broken.
///
/// Nothing reaches the file until `write`.
struct WorktreeIndex: ~Copyable {
    let pointer: OpaquePointer
    /// The time of the file that was read; nil after a rebuild.
    let time: timespec?
    private let path: String
    /// The file on disk is not what libgit2 reads.
    let isRebuilt: Bool

    /// `root` is the worktree's directory.
    init(_ repository: borrowing GitRepository, root: String) throws(GitError) {
        path = repository.gitDirectory + "/index"
        // Before the read: an index written in between then only makes more entries look racy.
        let time = IndexStat.time(of: path)
        var opened: OpaquePointer?
        if time != nil, git_repository_index(&opened, repository.pointer) == 0, let opened {
            (pointer, self.time, isRebuilt) = (opened, time, false)
            return
        }
        git_error_clear()
        let stored = try? StoredIndex(path: path)
        (self.time, isRebuilt) = (stored == nil ? nil : time, true)
        pointer = try Self.rebuild(repository, from: stored, at: path + ".runner", root: root)
    }

    deinit {
        git_index_free(pointer)
    }

    /// The paths that are recorded as submodules.
    var submodules: [BytePath] {
        (0..<git_index_entrycount(pointer)).compactMap { position in
            guard let entry = git_index_get_byindex(pointer, position)?.pointee, let path = entry.path,
                entry.mode == GIT_FILEMODE_COMMIT.rawValue
            else { return nil }
            return BytePath(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
        }
    }

    private static func rebuild(
        _ repository: borrowing GitRepository, from stored: StoredIndex?, at path: String, root: String
    ) throws(GitError) -> OpaquePointer {
        unlink(path)
        let index = try gitPointer("make an index") { git_index_open(&$0, path) }
        do throws(GitError) {
            if let stored, (try? stored.fill(index, repository)) != nil {
                // As it is on disk.
            } else if let commit = try repository.head().commit {
                let tree = try repository.tree(of: commit)
                defer { git_tree_free(tree) }
                try git("read the tree of HEAD") { git_index_read_tree(index, tree) }
                try SparseMarks(folder: repository.gitDirectory, old: stored).apply(to: index, root: root)
            }
            // Filters look at the repository's index; the file on disk cannot be read.
            try git("set the index") { git_repository_set_index(repository.pointer, index) }
        } catch {
            git_index_free(index)
            throw error
        }
        return index
    }

    /// Writes the tree of the entries to the object store.
    func writeTree(_ repository: borrowing GitRepository) throws(GitError) -> ObjectID {
        var oid = git_oid()
        try git("write a tree") { git_index_write_tree_to(&oid, pointer, repository.pointer) }
        return ObjectID(oid)
    }

    /// Replaces the index file on disk; a lock that no living process gives back is taken away.
    func write() throws(GitError) {
        if isRebuilt {
            try git("write the index") { git_index_write(pointer) }
            guard rename(path + ".runner", path) == 0 else { throw .system("write the index", errno: errno) }
            return
        }
        try StaleLock.retrying(path + ".lock") { () throws(GitError) in
            try git("write the index") { git_index_write(pointer) }
        }
    }
}
