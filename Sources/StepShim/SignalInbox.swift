import CPlatform
import Glibc

/// Signals as data: blocked for the process and read from a descriptor, so that no handler ever interrupts a write.
struct SignalInbox {
    /// Readable when a signal waits.
    let descriptor: Int32

    /// SIGINT and SIGTERM ask for a soft stop, SIGQUIT for a hard one.
    private static let handled = [SIGCHLD, SIGINT, SIGTERM, SIGQUIT]
    private static let ignored = [SIGHUP, SIGPIPE, SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGALRM]

    init() throws {
        for number in SignalInbox.ignored { Glibc.signal(number, SIG_IGN) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in SignalInbox.handled {
            // An ignored SIGCHLD, which survives exec, would make children vanish before they are reaped.
            Glibc.signal(number, SIG_DFL)
            sigaddset(&signals, number)
        }
        sigprocmask(SIG_SETMASK, &signals, nil)
        descriptor = runner_signalfd(&signals)
        guard descriptor >= 0 else { throw ShimFailure("open signal descriptor") }
    }

    /// The next waiting signal, or nil; never blocks.
    func next() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &info, size) == size else { return nil }
        return Int32(info.ssi_signo)
    }

    /// Gives a forked child the signal state of a fresh login: everything default, nothing blocked.
    static func restoreDefaults() {
        for number in Int32(1)...64 { _ = runner_reset_signal(number) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }
}
