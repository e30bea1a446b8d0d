import Foundation
import Glibc

/// What a campaign kills or stops.
enum ChaosTarget: String, CaseIterable, Sendable {
    /// A worker that serves in the background.
    case daemon
    /// A `runner start` that a person waits for.
    case foreground
    case shim
    /// The step's own process, beneath a shim.
    case step
    /// A server process of one connection to the database; the server restarts all of them.
    case backend
    case postmaster
    /// What stops an idle database.
    case keeper

    /// Whether a run may get another worker by it.
    var endsWorkers: Bool { [.daemon, .foreground, .backend, .postmaster].contains(self) }
}

/// A process as /proc shows it.
struct ChaosProcess: Sendable, Hashable {
    let pid: pid_t
    let parent: pid_t
    let start: Int
    let command: String

    /// All processes that can be read; those of other users too when the test is root.
    static func all() -> [ChaosProcess] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var found: [ChaosProcess] = []
        while let entry = readdir(folder) {
            let pid = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { atoi($0) }
            }
            if pid > 0, let process = ChaosProcess(pid) { found.append(process) }
        }
        return found
    }

    init?(_ pid: pid_t) {
        let line = Self.read("/proc/\(pid)/cmdline", limit: 4096)
        guard !line.isEmpty else { return nil }
        // After the name, which may hold anything and ends with a parenthesis, come numbers.
        let status = Self.read("/proc/\(pid)/stat", limit: 1024)
        guard let end = status.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = status[(end + 1)...].split(separator: 0x20)
        guard fields.count > 19, fields[0] != [UInt8(ascii: "Z")],
            let parent = pid_t(String(decoding: fields[1], as: UTF8.self)),
            let start = Int(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.start = start
        command = String(decoding: line.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    }

    /// At most `limit` bytes; none when it cannot be read.
    static func read(_ path: String, limit: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        // Read first: an argument is evaluated after the array is taken.
        let count = Glibc.read(file, &bytes, limit)
        return Array(bytes.prefix(max(0, count)))
    }

    /// Signals the process if it is still the same one.
    @discardableResult
    func send(_ signal: Int32) -> Bool {
        guard let now = ChaosProcess(pid), now.start == start else { return false }
        return kill(pid, signal) == 0
    }
}
