import CPlatform
import Glibc

/// One process of /proc, known by pid and start time together, because pids are reused.
struct ProcessEntry: Hashable {
    let pid: pid_t
    /// Clock ticks since boot.
    let start: UInt64
    let parent: pid_t
    let isZombie: Bool

    static func == (one: ProcessEntry, other: ProcessEntry) -> Bool {
        one.pid == other.pid && one.start == other.start
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(pid)
        hasher.combine(start)
    }

    /// Reads /proc/<pid>/stat; nil when there is no such process.
    init?(pid: pid_t) {
        let file = runner_open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var line = [UInt8](repeating: 0, count: 1024)
        let count = read(file, &line, line.count)
        // The name, in parentheses, may hold anything; what follows its last parenthesis is numbers.
        guard count > 0, let end = line[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(end + 1)..<count].split(separator: 0x20)
        guard fields.count > 19, let parent = pid_t(String(decoding: fields[1], as: UTF8.self)),
            let start = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        self.pid = pid
        self.start = start
        self.parent = parent
        isZombie = fields[0].first == UInt8(ascii: "Z") || fields[0].first == UInt8(ascii: "X")
    }

    /// Sends `signal` to this very process, never to a later one with the same pid.
    func send(_ signal: Int32) {
        let descriptor = runner_pidfd_open(pid)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard ProcessEntry(pid: pid) == self else { return }
        if descriptor >= 0 {
            _ = runner_pidfd_send_signal(descriptor, signal)
        } else {
            kill(pid, signal)
        }
    }

    /// Whether the environment that the process was started with holds `entry`.
    func hasEnvironment(_ entry: [UInt8]) -> Bool {
        let file = runner_open("/proc/\(pid)/environ", O_RDONLY | O_CLOEXEC, 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        let needle = [0] + entry + [0]
        var buffer = [UInt8](repeating: 0, count: 65536 + needle.count)
        // A leading NUL makes the first entry look like the others.
        var held = 1
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(file, bytes.baseAddress.map { $0 + held }, bytes.count - held)
            }
            guard count > 0 else { return false }
            held += count
            let found = buffer.withUnsafeBytes { runner_memmem($0.baseAddress, held, needle, needle.count) }
            if found != nil { return true }
            let kept = min(held, needle.count - 1)
            buffer.replaceSubrange(0..<kept, with: Array(buffer[(held - kept)..<held]))
            held = kept
        }
    }
}
