import CPlatform
import Glibc

/// Waits beside a worker for its end, and starts a daemon in its place unless the worker sent it away before.
///
/// Standard input is a pipe whose other end only the worker has: it ends with the worker, whatever ended that.
enum WorkerGuard {
    /// The word of a worker that ends in order.
    private static let dismissal = UInt8(ascii: "q")

    /// Becomes `command`, with this process's environment, when the worker died; returns an exit status otherwise.
    static func run(_ command: [String]) -> Int32 {
        // A signal to the worker's terminal or group is not meant for its guard.
        for signal in [SIGINT, SIGTERM, SIGHUP] { Glibc.signal(signal, SIG_IGN) }
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 1, byte == dismissal { return ShimStatus.recorded }
            if count == 0 { break }
            guard count > 0 || errno == EINTR else { return ShimStatus.unusable }
        }
        for signal in [SIGINT, SIGTERM, SIGHUP] { _ = runner_reset_signal(signal) }
        let null = runner_open("/dev/null", O_RDONLY, 0)
        if null > STDIN_FILENO { dup2(null, STDIN_FILENO) }
        let arguments = CStringTable(command)
        withExtendedLifetime(arguments) { _ = execv(command[0], arguments.pointer) }
        Diagnostics.write("the daemon could not be started: \(String(cString: strerror(errno)))")
        return ShimStatus.unusable
    }
}
