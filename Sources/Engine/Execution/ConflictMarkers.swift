import CPlatform
import Glibc

/// The lines that Git writes around what conflicts.
enum ConflictMarkers {
    private static let piece = 1 << 20

    /// Whether a line begins with seven `<` or `>` and a space, as at the beginning and the end of a conflict.
    static func areIn(_ bytes: [UInt8]) -> Bool {
        bytes.split(separator: 10).contains { line in
            guard line.count > 7, line[line.startIndex + 7] == 32 else { return false }
            let head = line.prefix(7)
            return head.allSatisfy { $0 == UInt8(ascii: "<") } || head.allSatisfy { $0 == UInt8(ascii: ">") }
        }
    }

    /// Whether the file at `path` still holds them; one that cannot be looked into may.
    static func areLeft(in path: [UInt8]) -> Bool {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        var facts = stat()
        guard lstat(name, &facts) == 0 else { return errno != ENOENT && errno != ENOTDIR }
        // What has become a link or a folder holds none.
        guard facts.st_mode & S_IFMT == S_IFREG else { return false }
        let file = runner_open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { return true }
        defer { close(file) }
        // As much of an unfinished line as it takes to know it.
        var line: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: piece)
        while true {
            let count = read(file, &bytes, piece)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 }
            let known = line + bytes.prefix(count)
            if areIn(known) { return true }
            let rest = known.lastIndex(of: 10).map { known[($0 + 1)...] } ?? known[...]
            line = Array(rest.prefix(8))
        }
    }
}
