import CPlatform
import Glibc

/// The file in which a repository keeps many references at once (git-pack-refs(1)); each of its own would be a file and
/// a log.
struct PackedReferences {
    /// The repository's common directory.
    let directory: String

    /// Fewer are written and removed one by one, as git does it.
    static let many = 50

    private var file: String { directory + "/packed-refs" }
    private var lock: String { directory + "/packed-refs.lock" }

    /// Adds and takes out references in one step, under git's own lock of the file.
    ///
    /// A reference that has a file of its own is what that says, whatever is written here. One that is taken out here has
    /// to be deleted as well, for the sake of that file and its log.
    func change(adding added: [BytePath: ObjectID], removing removed: [String] = []) throws(GitError) {
        try StaleLock.retrying(lock) { () throws(GitError) in try changeOnce(added, removed) }
    }

    private func changeOnce(_ added: [BytePath: ObjectID], _ removed: [String]) throws(GitError) {
        let descriptor = runner_open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw GitError(code: .locked, operation: "lock '\(file)'", message: "it is locked") }
            throw .system("lock '\(file)'", errno: errno)
        }
        defer { close(descriptor) }
        do throws(GitError) {
            var rows = try present()
            for name in removed { rows[Array(name.utf8)] = nil }
            for (name, id) in added { rows[name.bytes] = Array(id.hex.utf8) }
            // What tags lead to is left out; git looks for itself where the first line promises nothing.
            var text = Array("# pack-refs with: sorted \n".utf8)
            for (name, hex) in rows.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                text += hex + [UInt8(ascii: " ")] + name + [UInt8(ascii: "\n")]
            }
            let failure = text.withUnsafeBytes { Directory.writeAll($0, to: descriptor) }
            guard failure == 0 else { throw .system("write '\(file)'", errno: failure) }
            guard fsync(descriptor) == 0, rename(lock, file) == 0 else {
                throw .system("write '\(file)'", errno: errno)
            }
        } catch {
            unlink(lock)
            throw error
        }
    }

    /// Hexadecimal ids by name, both as bytes, for a name need not be UTF-8.
    private func present() throws(GitError) -> [[UInt8]: [UInt8]] {
        guard let bytes = Directory.read(file, limit: 1 << 30) else {
            if errno == ENOENT { return [:] }
            throw .system("read '\(file)'", errno: errno)
        }
        var rows: [[UInt8]: [UInt8]] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "^") else { continue }
            guard let space = line.firstIndex(of: UInt8(ascii: " ")),
                line.distance(from: line.startIndex, to: space) == 40
            else { throw GitError(code: .generic, operation: "read '\(file)'", message: "it is damaged") }
            rows[Array(line[(space + 1)...])] = Array(line[..<space])
        }
        return rows
    }
}
