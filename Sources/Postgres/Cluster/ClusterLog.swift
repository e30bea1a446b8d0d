import CPlatform
import Foundation
import Glibc

/// The server's log file, kept small.
struct ClusterLog {
    /// Bytes; a server logs only starts, stops and crashes, so this is years of them.
    static let limit = 1 << 20

    private let path: String

    init(_ path: String) {
        self.path = path
    }

    var size: Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Empties a log that has grown; a running server appends, so it goes on at the start.
    func trim() {
        guard size > Self.limit else { return }
        truncate(path, 0)
    }

    /// What went wrong since `offset`: the lines of the failure without times and process numbers.
    func complaint(from offset: Int) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        try? handle.seek(toOffset: UInt64(min(offset, size)))
        let text = String(decoding: (try? handle.read(upToCount: 16384)) ?? Data(), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let failures = lines.filter { line in ["FATAL:", "PANIC:", "DETAIL:"].contains { line.contains($0) } }
        return (failures.isEmpty ? lines.suffix(2) : failures.prefix(3)).map(Self.withoutPrefix).joined(separator: "; ")
    }

    private static func withoutPrefix(_ line: Substring) -> String {
        for level in ["FATAL:", "PANIC:", "DETAIL:", "LOG:", "HINT:"] {
            guard let range = line.range(of: level) else { continue }
            return line[range.upperBound...].trimmingCharacters(in: .whitespaces)
        }
        return String(line)
    }
}
