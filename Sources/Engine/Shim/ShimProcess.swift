import CPlatform
import Glibc

/// A shim process, known by pid and start time on this boot.
struct ShimProcess: Sendable, Hashable {
    let pid: pid_t
    let start: Int

    init?(pid: pid_t) {
        guard let start = HostIdentity.processStart(pid) else { return nil }
        self.pid = pid
        self.start = start
    }

    /// Nil when the recorded process belongs to another boot.
    init?(_ identity: AttemptIdentity) {
        guard identity.bootID == HostIdentity.bootID else { return nil }
        pid = identity.shimPID
        start = identity.shimStart
    }

    /// A descriptor that becomes readable when this process ends; nil when it has ended. The caller closes it.
    func open() -> Int32? {
        let descriptor = runner_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        // Checked after opening: the descriptor stays with the process, the pid does not.
        guard HostIdentity.processStart(pid) == start else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Signals this very process; false when it has ended.
    @discardableResult
    func send(_ signal: Int32) throws -> Bool {
        guard let descriptor = open() else { return false }
        defer { close(descriptor) }
        if runner_pidfd_send_signal(descriptor, signal) == 0 { return true }
        guard errno == ESRCH else { throw ShimError("signal the shim") }
        return false
    }
}
