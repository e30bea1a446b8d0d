import Glibc

/// Whether a process that is not a child still runs.
enum ProcessState {
    /// A dead process that its parent has not reaped counts as dead.
    static func isAlive(_ pid: pid_t) -> Bool {
        guard kill(pid, 0) == 0 || errno == EPERM else { return false }
        guard let line = ClusterFiles.read("/proc/\(pid)/stat"), let name = line.lastIndex(of: ")") else { return true }
        return !line[name...].hasPrefix(") Z") && !line[name...].hasPrefix(") X")
    }
}
