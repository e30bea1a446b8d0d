import Glibc

/// Finds every process that belongs to one attempt.
///
/// By its cgroup, where it has one; by parent links from the shim, to which orphans come as it is the subreaper; and by
/// the marker in the environment, which also finds what another parent has adopted.
struct ProcessFamily {
    /// The environment entry `RUNNER_ATTEMPT=<id>`.
    let marker: [UInt8]
    /// The process whose descendants all belong; nil when the shim is gone and only the marker is left.
    let root: pid_t?
    /// Processes started earlier cannot belong; clock ticks since boot.
    let since: UInt64
    var cgroup: Cgroup?

    /// Kills what the cgroup holds, in one go; what has no cgroup is left to signals.
    func killAtOnce() {
        cgroup?.kill()
    }

    /// The living members, without the root and without this process.
    func members() -> [ProcessEntry] {
        let all = ProcessFamily.allProcesses()
        let children = Dictionary(grouping: all, by: \.parent)
        var known: Set<pid_t> = [getpid()]
        var found: [ProcessEntry] = []
        if let root {
            known.insert(root)
            collect(children[root] ?? [], children, &known, &found)
        }
        collect(cgroup?.pids().compactMap { ProcessEntry(pid: $0) } ?? [], children, &known, &found)
        for entry in all where !entry.isZombie && entry.start >= since && !known.contains(entry.pid) {
            if entry.hasEnvironment(marker) { collect([entry], children, &known, &found) }
        }
        return found.filter { !$0.isZombie }
    }

    private func collect(
        _ seeds: [ProcessEntry], _ children: [pid_t: [ProcessEntry]], _ known: inout Set<pid_t>,
        _ found: inout [ProcessEntry]
    ) {
        var waiting = seeds
        while let entry = waiting.popLast() {
            guard known.insert(entry.pid).inserted else { continue }
            found.append(entry)
            waiting += children[entry.pid] ?? []
        }
    }

    private static func allProcesses() -> [ProcessEntry] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var entries: [ProcessEntry] = []
        while let item = readdir(folder) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = pid_t(name), let entry = ProcessEntry(pid: pid) { entries.append(entry) }
        }
        return entries
    }
}
