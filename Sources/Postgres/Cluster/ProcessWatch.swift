import BlockingIO
import CPlatform
import Glibc

/// Waits for the end of a process that is not a child.
actor ProcessWatch {
    private let executor = BlockingExecutor(label: "process watch")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// True when the process has ended, false when `limit` ran out first.
    func waitForEnd(of pid: pid_t, limit: Duration) -> Bool {
        let milliseconds = Int32(clamping: Int(limit / .milliseconds(1)))
        let descriptor = runner_pidfd_open(pid)
        guard descriptor >= 0 else {
            guard errno != ESRCH else { return true }
            // Kernels and sandboxes without process descriptors: look more often.
            usleep(useconds_t(min(milliseconds, 100)) * 1000)
            return kill(pid, 0) != 0 && errno == ESRCH
        }
        defer { close(descriptor) }
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&event, 1, milliseconds) > 0
    }
}
