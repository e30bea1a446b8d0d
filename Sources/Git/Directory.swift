import CPlatform
import Glibc

/// The few file-system steps that the module needs, by path, inside directories of ours.
enum Directory {
    /// Makes every missing directory above `path`.
    static func createParents(of path: String) throws(GitError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let parent = String(path[..<slash])
        if mkdir(parent, 0o777) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw .system("create the directory '\(parent)'", errno: errno) }
        try createParents(of: parent)
        guard mkdir(parent, 0o777) == 0 || errno == EEXIST else {
            throw .system("create the directory '\(parent)'", errno: errno)
        }
    }

    /// Replaces a file's content by rename, so that a reader sees the old or the new, never half.
    static func write(_ bytes: [UInt8], to path: String) throws(GitError) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = runner_open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw .system("write '\(path)'", errno: errno) }
        let failure = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
        close(descriptor)
        guard failure == 0 else {
            unlink(temporary)
            throw .system("write '\(path)'", errno: failure)
        }
        guard rename(temporary, path) == 0 else {
            let failure = errno
            unlink(temporary)
            throw .system("write '\(path)'", errno: failure)
        }
    }

    /// Zero, or the error number. A nearly full disk takes a part first and fails at the next call.
    static func writeAll(_ content: UnsafeRawBufferPointer, to file: Int32) -> Int32 {
        var rest = content[...]
        while !rest.isEmpty {
            let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            // A write of nothing at all sets no errno.
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            rest = rest.dropFirst(count)
        }
        return 0
    }

    /// Writes over a file that is there and that nobody reads yet, which costs a fraction of a new file.
    static func overwrite(_ bytes: [UInt8], at path: String) throws(GitError) {
        let descriptor = runner_open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard descriptor >= 0 else { throw .system("write '\(path)'", errno: errno) }
        defer { close(descriptor) }
        var before = stat()
        guard fstat(descriptor, &before) == 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            // Even to the size that a file has, cutting it costs as much as the whole rest.
            before.st_size <= bytes.count || ftruncate(descriptor, bytes.count) == 0
        else { throw .system("write '\(path)'", errno: errno) }
    }

    /// The content of a small file, or nil when it cannot be read as a regular file of at most `limit` bytes.
    static func read(_ path: UnsafePointer<CChar>, limit: Int = 65_536) -> [UInt8]? {
        let descriptor = runner_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count == bytes.count ? bytes : nil
    }

    /// The names in an open directory without `.` and `..`, unsorted; nil when it cannot be listed.
    ///
    /// Takes the descriptor over and closes it.
    static func names(closing descriptor: Int32) -> [[UInt8]]? {
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { return errno == 0 ? names : nil }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                let start = UnsafeRawPointer(tuple).assumingMemoryBound(to: CChar.self)
                return Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
            }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
    }

    /// Removes what we just made, following no link; what cannot be removed stays.
    static func removeTree(_ path: String) {
        removeTree(Array(path.utf8), in: AT_FDCWD)
    }

    private static func removeTree(_ name: [UInt8], in parent: Int32) {
        let unlinked = withCName(name) { unlinkat(parent, $0, 0) }
        if unlinked == 0 || errno == ENOENT { return }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let descriptor = withCName(name) { runner_openat(parent, $0, flags, 0) }
        guard descriptor >= 0 else { return }
        let listing = dup(descriptor)
        for child in listing >= 0 ? names(closing: listing) ?? [] : [] { removeTree(child, in: descriptor) }
        close(descriptor)
        _ = withCName(name) { unlinkat(parent, $0, AT_REMOVEDIR) }
    }
}
