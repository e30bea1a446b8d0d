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
}

/// A process as /proc shows it.
struct ChaosProcess: Sendable, Hashable {
    let pid: pid_t
    let parent: pid_t
    let start: Int
    let command: String

    /// All processes that can be read; those of other users too when the test is root.
    static func all() -> [ChaosProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in pid_t(name).flatMap(ChaosProcess.init) }
    }

    init?(_ pid: pid_t) {
        guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"), !line.isEmpty,
            let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat")
        else { return nil }
        let text = String(decoding: status, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", let parent = pid_t(String(fields[1])),
            let start = Int(String(fields[19]))
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.start = start
        command = String(decoding: line.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    }

    /// Signals the process if it is still the same one.
    @discardableResult
    func send(_ signal: Int32) -> Bool {
        guard let now = ChaosProcess(pid), now.start == start else { return false }
        return kill(pid, signal) == 0
    }
}
