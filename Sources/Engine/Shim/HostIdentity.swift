import CPlatform
import Glibc

/// What tells this boot of this machine, and a process on it, from all others.
package enum HostIdentity {
    /// The kernel's id of this boot; empty where /proc does not say.
    package static let bootID: String = {
        let text = read("/proc/sys/kernel/random/boot_id", limit: 64)
        return String(decoding: text.prefix { $0 > 0x20 }, as: UTF8.self)
    }()

    /// The name of this host among those that share a database: `RUNNER_HOST`, else as `hostname` prints it.
    ///
    /// A container whose name is new at each start needs the former, or its runs would belong to a host that is gone.
    package static let hostname: String = {
        if let name = getenv("RUNNER_HOST"), name.pointee != 0 { return String(cString: name) }
        var name = [CChar](repeating: 0, count: 257)
        guard gethostname(&name, 256) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// When the process was started, in clock ticks since boot; nil when there is no such process.
    ///
    /// With the pid and `bootID` it names one process for ever. A zombie still has its start time.
    package static func processStart(_ pid: Int32) -> Int? {
        let line = read("/proc/\(pid)/stat", limit: 1024)
        // The name, in parentheses, may hold anything; what follows its last parenthesis is numbers.
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[(end + 1)...].split(separator: 0x20)
        guard fields.count > 19 else { return nil }
        return Int(String(decoding: fields[19], as: UTF8.self))
    }

    private static func read(_ path: String, limit: Int) -> [UInt8] {
        let file = runner_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(file, &bytes, limit)
        return Array(bytes.prefix(max(0, count)))
    }
}
