import Glibc

/// Ends the processes that outlived the command: SIGTERM once, a short time to obey, then SIGKILL until none is left.
struct Sweep {
    /// Long enough for a server to close its files, short enough for the promise "gone within 2 s".
    private static let politeTime: Int64 = 500

    var begunAt: Int64?
    /// Processes that could not be ended.
    var left = 0
    private(set) var isKilling = false
    private var signalled: Set<ProcessEntry> = []

    /// Processes that were told to end.
    var count: Int { signalled.count }

    mutating func step(_ processes: [ProcessEntry], at now: Int64, killingAtOnce: Bool) {
        if killingAtOnce || now - (begunAt ?? now) >= Sweep.politeTime {
            isKilling = true
            end(processes, with: SIGKILL)
        } else {
            end(processes.filter { !signalled.contains($0) }, with: SIGTERM)
        }
    }

    mutating func end(_ processes: [ProcessEntry], with signal: Int32) {
        for process in processes {
            process.send(signal)
            if signal != SIGKILL { process.send(SIGCONT) }
            signalled.insert(process)
        }
    }
}
