import Foundation
import Glibc

/// Memory of this machine, or of the control group that this process is in where that has a limit.
enum MemoryGauge {
    /// Bytes that a new program could use without others being pushed out; nil where the system does not say.
    static var available: Int? {
        let machine = value("MemAvailable")
        guard let limit = number("/sys/fs/cgroup/memory.max"), let used = number("/sys/fs/cgroup/memory.current") else {
            return machine
        }
        return min(max(0, limit - used), machine ?? .max)
    }

    /// All bytes there are; nil where the system does not say.
    static var total: Int? {
        let machine = value("MemTotal")
        return number("/sys/fs/cgroup/memory.max").map { min($0, machine ?? .max) } ?? machine
    }

    /// Two for each core, since agents mostly wait for their model, but no more than there are GiB.
    static var defaultSlots: Int {
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = total.map { max(1, $0 >> 30) } ?? .max
        return min(2 * cores, memory)
    }

    private static func value(_ name: String) -> Int? {
        guard let text = read("/proc/meminfo") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    private static func number(_ path: String) -> Int? {
        read(path).flatMap { Int($0.prefix { $0.isNumber }) }
    }

    private static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
