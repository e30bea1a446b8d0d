import CPlatform
import Glibc

/// The attempt's folder, held open, and the ways in which the shim reads and writes its files.
struct AttemptDirectory {
    private let descriptor: Int32

    /// Opens `path` and makes it the working directory, so that the shim pins neither a worktree nor a mount.
    init(path: String) throws {
        descriptor = runner_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0, fchdir(descriptor) == 0 else { throw ShimFailure("open attempt directory") }
    }

    func contains(_ name: String) -> Bool {
        faccessat(descriptor, name, F_OK, 0) == 0
    }

    func remove(_ name: String) {
        unlinkat(descriptor, name, 0)
    }

    /// Takes the attempt's lock for the life of this process; false when a living shim keeps it for a second.
    ///
    /// Waits a little because an observer that asks "does it live?" holds the lock for an instant.
    func lock() throws -> Bool {
        let file = runner_openat(descriptor, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw ShimFailure("open lock") }
        for _ in 0..<200 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(5000)
        }
        close(file)
        return false
    }

    /// The whole file, or a failure when it is missing or longer than `limit` bytes.
    func read(_ name: String, limit: Int) throws -> [UInt8] {
        let file = runner_openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else { throw ShimFailure("open \(name)") }
        defer { close(file) }
        var contents: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &part, part.count)
            guard count >= 0 else { throw ShimFailure("read \(name)") }
            if count == 0 { return contents }
            contents += part[..<count]
            guard contents.count <= limit else { throw ShimFailure("read \(name)", code: EFBIG) }
        }
    }

    /// A new, empty file that only the owner can read.
    func create(_ name: String) throws -> Int32 {
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let file = runner_openat(descriptor, name, flags, 0o600)
        guard file >= 0 else { throw ShimFailure("create \(name)") }
        return file
    }

    /// What a dead shim left of a stream: bytes that are still in its file, and bytes that were in it.
    func totals(of name: String) -> StreamTotals {
        let length = size(of: name)
        // As `OutputFile` wrote it: the head's length as text, where the kept end begins as the file's own length.
        guard let head = leadingNumber(of: name + ".gap") else { return StreamTotals(written: length, total: length) }
        return StreamTotals(written: length - (size(of: name + ".gap") - head), total: length)
    }

    /// The number in the first line of a file that may be long.
    private func leadingNumber(of name: String) -> Int64? {
        let file = runner_openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let count = Glibc.read(file, &text, text.count)
        return Int64(String(decoding: text[..<max(0, count)].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private func size(of name: String) -> Int64 {
        var info = stat()
        return fstatat(descriptor, name, &info, 0) == 0 ? Int64(info.st_size) : 0
    }

    /// Puts `bytes` under `name` so that after a crash there is the whole file or none.
    func writeDurably(_ bytes: [UInt8], as name: String) throws {
        let temporary = name + ".new"
        let file = try create(temporary)
        defer { close(file) }
        guard pwrite(file, bytes, bytes.count, 0) == bytes.count, fsync(file) == 0 else {
            throw ShimFailure("write \(name)")
        }
        try publish(temporary, as: name)
    }

    func publish(_ temporary: String, as name: String) throws {
        guard renameat(descriptor, temporary, descriptor, name) == 0, fsync(descriptor) == 0 else {
            throw ShimFailure("publish \(name)")
        }
    }
}
