import Glibc

/// Who supervises and who is supervised: the content of `identity`, on disk before the command may run.
struct IdentityRecord {
    let shim: ProcessEntry
    let command: ProcessEntry
    let marker: String
    let cgroup: Cgroup?

    /// Reads both processes from /proc.
    init(command pid: pid_t, marker: String, cgroup: Cgroup?) throws {
        guard let shim = ProcessEntry(pid: getpid()), let command = ProcessEntry(pid: pid) else {
            throw ShimFailure("read /proc", code: ENOENT)
        }
        self.shim = shim
        self.command = command
        self.marker = marker
        self.cgroup = cgroup
    }

    func json() -> [UInt8] {
        var object = JSONObject()
        object.add("version", 1)
        object.add("shim_version", StepShim.version)
        object.add("boot_id", IdentityRecord.bootID())
        object.add("shim_pid", shim.pid)
        object.add("shim_start", shim.start)
        object.add("command_pid", command.pid)
        object.add("command_start", command.start)
        object.add("marker", marker)
        object.add("cgroup", cgroup?.path)
        return object.encoded()
    }

    private static func bootID() -> String {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "re") else { return "" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return "" }
        return String(decoding: line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
