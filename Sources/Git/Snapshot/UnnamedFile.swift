import CPlatform
import Glibc

/// A file in a directory that gets its name only when it is complete: what a crash leaves of it, the kernel frees.
///
/// On file systems that cannot do that (no `O_TMPFILE`) it has a name that `git prune` clears away.
final class UnnamedFile: Sendable {
    let descriptor: Int32
    private let folder: DirectoryHandle
    private let temporary: [UInt8]?

    init(in folder: DirectoryHandle) throws(GitError) {
        self.folder = folder
        let unnamed = runner_openat(folder.descriptor, ".", runner_tmpfile_flag() | O_RDWR | O_CLOEXEC, 0o444)
        if unnamed >= 0 {
            descriptor = unnamed
            temporary = nil
            return
        }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL else {
            throw .system("write into the hub", errno: errno)
        }
        let name = Self.temporaryName()
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let named = withCName(name) { runner_openat(folder.descriptor, $0, flags, 0o444) }
        guard named >= 0 else { throw .system("write into the hub", errno: errno) }
        descriptor = named
        temporary = name
    }

    deinit {
        close(descriptor)
        if let temporary { _ = withCName(temporary) { unlinkat(folder.descriptor, $0, 0) } }
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(GitError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            // A write of nothing at all sets no errno.
            guard count > 0 else { throw .system("write into the hub", errno: count < 0 ? errno : ENOSPC) }
            done += count
        }
    }

    /// Flushes the content, then gives it `name`; a file of that name is replaced. The directory is not flushed.
    func publish(as name: String) throws(GitError) {
        guard fsync(descriptor) == 0 else { throw .system("flush '\(name)'", errno: errno) }
        if let temporary { return try rename(temporary, to: name) }
        if link(as: Array(name.utf8)) { return }
        guard errno == EEXIST else { throw .system("name '\(name)'", errno: errno) }
        let temporary = Self.temporaryName()
        guard link(as: temporary) else { throw .system("name '\(name)'", errno: errno) }
        try rename(temporary, to: name)
    }

    private func link(as name: [UInt8]) -> Bool {
        withCName(name) {
            linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", folder.descriptor, $0, AT_SYMLINK_FOLLOW) == 0
        }
    }

    private func rename(_ temporary: [UInt8], to name: String) throws(GitError) {
        let renamed = withCName(temporary) { renameat(folder.descriptor, $0, folder.descriptor, name) }
        guard renamed == 0 else { throw .system("name '\(name)'", errno: errno) }
    }

    private static func temporaryName() -> [UInt8] {
        Array("tmp_pack_\(getpid())_\(UInt64.random(in: 0 ... .max))".utf8)
    }
}
