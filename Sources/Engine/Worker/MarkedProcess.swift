import CPlatform
import Foundation
import Glibc
import RunnerCore

/// A process of this host that carries the mark of an attempt in its environment.
struct MarkedProcess: Sendable {
    let pid: pid_t
    let start: Int
    let attempt: AttemptID

    /// Every such process that may be looked at; the environment is the one that the process was started with.
    static func all() -> [MarkedProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in pid_t(name).flatMap { MarkedProcess(pid: $0) } }
    }

    private init?(pid: pid_t) {
        guard pid != getpid(), let start = HostIdentity.processStart(pid),
            let block = FileManager.default.contents(atPath: "/proc/\(pid)/environ")
        else { return nil }
        let mark = Array("\(AttemptSpec.markerName)=".utf8)
        guard let entry = block.split(separator: 0).first(where: { $0.starts(with: mark) }),
            let attempt = AttemptID(String(decoding: entry.dropFirst(mark.count), as: UTF8.self))
        else { return nil }
        self.pid = pid
        self.start = start
        self.attempt = attempt
    }

    var isStillThere: Bool { HostIdentity.processStart(pid) == start }

    /// Kills this very process, if it is still there.
    func end() {
        let descriptor = runner_pidfd_open(pid)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard isStillThere else { return }
        _ = runner_pidfd_send_signal(descriptor, SIGKILL)
    }
}
