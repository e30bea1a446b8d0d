import CLibgit2
import CPlatform
import Glibc

/// Commits of steps, which have to survive a power failure as the rows do that name them, at the cost of one flush.
extension HubDurability {
    /// More commits than these are flushed with all that the file system holds: to look for their files costs more.
    private static let fewCommits = 100
    /// Files that are open at a time.
    private static let share = 256

    /// Returns when the files of what `commit` brings beyond its parents are on their way out of the kernel, so that no
    /// reference which is made later can reach the disk before them.
    ///
    /// Not flushed: that costs several milliseconds a file. A journal keeps order, and `settle` flushes it.
    static func writeOut(_ commit: ObjectID, of repository: borrowing GitRepository) throws(GitError) {
        try writeOut(files(of: [commit], in: repository))
    }

    /// Flushes `commit`, the commits in its history beyond `known`, and references that were just written, the last of
    /// them included.
    static func settle(
        _ commit: ObjectID, since known: ObjectID?, _ references: [String], of repository: borrowing GitRepository
    ) throws(GitError) {
        let folder = repository.commonDirectory
        if let commits = try commits(from: commit, beyond: known, of: repository) {
            try writeOut(files(of: commits, in: repository) + references.map { "\(folder)/\($0)" })
        } else {
            let handle = try DirectoryHandle.open(folder)
            guard runner_syncfs(handle.descriptor) == 0 else { throw .system("flush the hub", errno: errno) }
        }
        // Written last, so that its flush takes along what the journal has of all others.
        guard commit != known, let last = references.last else { return }
        try sync(access("\(folder)/\(last)", F_OK) == 0 ? "\(folder)/\(last)" : "\(folder)/packed-refs")
    }

    /// Nil for more than a step makes.
    private static func commits(
        from commit: ObjectID, beyond known: ObjectID?, of repository: borrowing GitRepository
    ) throws(GitError) -> [ObjectID]? {
        guard let known else { return [commit] }
        let handle = repository.pointer
        let walk = try gitPointer("walk the history") { git_revwalk_new(&$0, handle) }
        defer { git_revwalk_free(walk) }
        var (start, end) = (commit.oid, known.oid)
        try git("walk the history") { git_revwalk_push(walk, &start) }
        if git_revwalk_hide(walk, &end) < 0 { git_error_clear() }
        var found: [ObjectID] = []
        var id = git_oid()
        while git_revwalk_next(&id, walk) == 0 {
            found.append(ObjectID(id))
            guard found.count <= fewCommits else { return nil }
        }
        git_error_clear()
        return found
    }

    /// Where the objects are that commits bring beyond their parents.
    private static func files(
        of commits: [ObjectID], in repository: borrowing GitRepository
    ) throws(GitError) -> [String] {
        var objects = NewObjects()
        for commit in commits {
            do throws(GitError) {
                try objects.add(commit: commit, from: repository)
            } catch  where error.code == .notFound {
                // A partial clone lacks some; those that are there were noted.
            }
        }
        let folder = repository.commonDirectory
        return objects.ids.map { "\(folder)/objects/\($0.hex.prefix(2))/\($0.hex.dropFirst(2))" }
    }

    /// A path without a file is of something that is packed, which git flushes by itself.
    private static func writeOut(_ paths: [String]) throws(GitError) {
        for start in stride(from: 0, to: paths.count, by: share) {
            var files: [Int32] = []
            defer { for file in files { close(file) } }
            for path in paths[start..<min(start + share, paths.count)] {
                let file = runner_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
                guard file >= 0 else { continue }
                files.append(file)
                // All of them first: the disk takes them together.
                _ = runner_start_writeback(file, 0, 0)
            }
            guard let first = files.first else { continue }
            let isOrdered = keepsOrder(first)
            for file in files where (isOrdered ? runner_finish_writeback(file) : fsync(file)) != 0 {
                throw .system("flush the hub", errno: errno)
            }
        }
    }

    /// Whether what was written out before a file was made is on the disk when that file's flush is.
    private static func keepsOrder(_ file: Int32) -> Bool {
        var type: Int64 = 0
        // ext2 to ext4, XFS, tmpfs (statfs(2)); Btrfs flushes a file by itself.
        return runner_file_system_type(file, &type) == 0 && [0xEF53, 0x5846_5342, 0x0102_1994].contains(type)
    }
}

extension Hub {
    /// Returns when `commit`, the commits in its history beyond `known` and the references are on the disk: from then on
    /// a row may name them.
    ///
    /// The last of the references is the one that was written last. Where `commit` is `known` nothing is waited for.
    package func settle(
        _ commit: ObjectID, since known: ObjectID?, references: [String]
    ) throws(GitError) {
        try HubDurability.settle(commit, since: known, references, of: open())
    }
}
