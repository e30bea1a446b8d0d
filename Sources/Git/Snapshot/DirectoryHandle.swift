import CPlatform
import Glibc

/// An open directory; everything in it is reached through its descriptor and never through a path or a link.
///
/// Closes itself. A directory that its owner may not enter is opened up while the handle lives and put back after.
package final class DirectoryHandle: Sendable {
    package let descriptor: Int32
    package let facts: FileFacts
    /// The kernel's id of the mount, which tells a bind mount apart from the directory beneath it.
    package let mount: UInt64
    /// The mode to put back when the handle closes.
    let restoredPermissions: UInt32?

    init(descriptor: Int32, restoring permissions: UInt32? = nil, name: String) throws(GitError) {
        var status = stat()
        var mount: UInt64 = 0
        guard fstat(descriptor, &status) == 0, runner_mount_id(descriptor, "", &mount) == 0 else {
            let failure = errno
            close(descriptor)
            throw .system("look at the directory '\(name)'", errno: failure)
        }
        self.descriptor = descriptor
        self.mount = mount
        facts = FileFacts(status)
        restoredPermissions = permissions
    }

    deinit {
        if let restoredPermissions { fchmod(descriptor, mode_t(restoredPermissions)) }
        close(descriptor)
    }

    /// Opens a directory by its path; a link as the last part is refused.
    package static func open(_ path: String) throws(GitError) -> DirectoryHandle {
        let descriptor = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .system("open the directory '\(path)'", errno: errno) }
        return try DirectoryHandle(descriptor: descriptor, name: path)
    }

    /// What the directory is now; `facts` is what it was when it was opened.
    func currentFacts() throws(GitError) -> FileFacts {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at a directory", errno: errno) }
        return FileFacts(status)
    }

    /// The names in the directory, sorted by bytes, without `.` and `..`.
    package func names() throws(GitError) -> [[UInt8]] {
        // A descriptor of its own, because the reading position belongs to the open file.
        let copy = runner_openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0, let stream = fdopendir(copy) else {
            let failure = errno
            if copy >= 0 { close(copy) }
            throw .system("list a directory", errno: failure)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                let start = UnsafeRawPointer(tuple).assumingMemoryBound(to: UInt8.self)
                return Array(
                    UnsafeBufferPointer(start: start, count: strlen(UnsafePointer<CChar>(OpaquePointer(start)))))
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        guard errno == 0 else { throw .system("list a directory", errno: errno) }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// What `name` is, without following it; nil when it is not there.
    package func facts(of name: [UInt8]) throws(GitError) -> FileFacts? {
        var status = stat()
        if withCName(name, { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 { return FileFacts(status) }
        if errno == ENOENT { return nil }
        throw .system("look at '\(BytePath(name))'", errno: errno)
    }

    /// Opens the directory `name` in this one; a link or anything else is refused.
    package func child(_ name: [UInt8]) throws(GitError) -> DirectoryHandle {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opening = OwnerAccess.open(name, in: descriptor, flags: flags, needing: 0o500)
        guard opening.descriptor >= 0 else { throw .system("open '\(BytePath(name))'", errno: opening.failure) }
        return try DirectoryHandle(
            descriptor: opening.descriptor, restoring: opening.changedFrom, name: "\(BytePath(name))")
    }

    /// Where the symbolic link `name` points, byte for byte.
    package func linkTarget(_ name: [UInt8]) throws(GitError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = withCName(name) { readlinkat(descriptor, $0, &buffer, buffer.count) }
        guard count >= 0 else { throw .system("read the link '\(BytePath(name))'", errno: errno) }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }
}
