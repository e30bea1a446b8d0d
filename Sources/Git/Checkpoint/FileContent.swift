import CLibgit2
import CPlatform
import Glibc

/// Turns files of a worktree into blobs, through the repository's attribute filters as `git add` does.
struct FileContent {
    enum Outcome {
        case blob(ObjectID)
        /// The file is not there any more.
        case gone
        case skipped(SkippedPath.Reason)
    }

    let repository: OpaquePointer
    let root: Int32
    /// False: only hash, store nothing.
    let stores: Bool
    /// Regular files above this many bytes are skipped.
    let sizeLimit: Int
    /// Where the contents go that Git LFS keeps; nil: they are taken like any other.
    let largeFiles: LargeFileStore?

    /// The blob of one file or symbolic link; throws only when the object store cannot be written.
    func blob(_ path: [UInt8], _ status: stat) throws(GitError) -> Outcome {
        if status.st_mode & S_IFMT == S_IFLNK { return try link(path) }
        let isLarge = largeFiles != nil && isLarge(path)
        // What goes into the store is no blob, and a repository that has Git LFS has large files.
        if !isLarge, status.st_size > sizeLimit { return .skipped(.tooLarge(Int(status.st_size))) }
        let descriptor = withCName(path) {
            runner_openat(root, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard descriptor >= 0 else {
            return errno == ENOENT ? .gone : .skipped(.unreadable(SystemFailure.text(errno)))
        }
        defer { close(descriptor) }
        if isLarge, let largeFiles { return try large(path, descriptor, largeFiles) }
        return try regular(path)
    }

    /// Whether the attributes give the file to Git LFS.
    private func isLarge(_ path: [UInt8]) -> Bool {
        var value: UnsafePointer<CChar>?
        let flags = UInt32(GIT_ATTR_CHECK_FILE_THEN_INDEX | GIT_ATTR_CHECK_NO_SYSTEM)
        let result = withCName(path) { git_attr_get(&value, repository, flags, $0, "filter") }
        if result < 0 { git_error_clear() }
        guard result == 0, git_attr_value(value) == GIT_ATTR_VALUE_STRING, let value else { return false }
        return String(cString: value) == LargeFilePointer.filter
    }

    /// What `git lfs clean` would make of it: a pointer, whose content is in the store when this returns. A pointer stays.
    private func large(_ path: [UInt8], _ file: Int32, _ store: LargeFileStore) throws(GitError) -> Outcome {
        var beginning = [UInt8](repeating: 0, count: LargeFilePointer.limit)
        let count = pread(file, &beginning, beginning.count, 0)
        guard count >= 0 else { return .skipped(.unreadable(SystemFailure.text(errno))) }
        if LargeFilePointer(beginning.prefix(count)) != nil || count == 0 {
            return .blob(try blob(of: Array(beginning.prefix(count)), path))
        }
        let pointer = stores ? try store.keep(file) : try LargeFileStore.pointer(to: file)
        return .blob(try blob(of: pointer.text, path))
    }

    private func regular(_ path: [UInt8]) throws(GitError) -> Outcome {
        if let encoded = try EncodedFile(repository: repository, root: root).content(path) {
            return .blob(try blob(of: encoded, path))
        }
        var oid = git_oid()
        // A file that someone still writes to fails with "file changed"; a few tries get a quiet moment or none.
        for attempt in 1... {
            let result = withCName(path) { name in
                stores
                    ? git_blob_create_from_workdir(&oid, repository, name)
                    : git_repository_hashfile(&oid, repository, name, GIT_OBJECT_BLOB, nil)
            }
            if result >= 0 { return .blob(ObjectID(oid)) }
            let error = GitError.last(code: result, operation: "record '\(BytePath(path))'")
            if Self.isStoreFailure(error) { throw error }
            guard attempt == 3 else { continue }
            // A file that can be read, and not be recorded, is nobody's to leave out: the store is broken.
            if stores, canBeHashed(path) { throw error }
            return .skipped(.unreadable(error.message))
        }
        return .gone
    }

    private func canBeHashed(_ path: [UInt8]) -> Bool {
        var oid = git_oid()
        let result = withCName(path) { git_repository_hashfile(&oid, repository, $0, GIT_OBJECT_BLOB, nil) }
        if result < 0 { git_error_clear() }
        return result >= 0
    }

    private func link(_ path: [UInt8]) throws(GitError) -> Outcome {
        var target = [CChar](repeating: 0, count: 4097)
        let count = withCName(path) { readlinkat(root, $0, &target, target.count) }
        guard count >= 0 else {
            return errno == ENOENT ? .gone : .skipped(.unreadable(SystemFailure.text(errno)))
        }
        return .blob(try blob(of: target.prefix(count).map { UInt8(bitPattern: $0) }, path))
    }

    private func blob(of content: [UInt8], _ path: [UInt8]) throws(GitError) -> ObjectID {
        var oid = git_oid()
        try git("record '\(BytePath(path))'") {
            stores
                ? git_blob_create_from_buffer(&oid, repository, content, content.count)
                : git_odb_hash(&oid, content, content.count, GIT_OBJECT_BLOB)
        }
        return ObjectID(oid)
    }

    /// libgit2 gives no errno, but it quotes the system: these are the disk's or the hub's failures, not the file's.
    private static func isStoreFailure(_ error: GitError) -> Bool {
        [ENOSPC, EDQUOT, EROFS].contains { error.message.contains(SystemFailure.text($0)) }
    }
}
