import Glibc

extension Supervisor {
    /// The exit record of what was seen; complete only when the phase is over.
    func record() -> ExitRecord {
        var record = ExitRecord(reason: cause ?? .exited)
        if let status {
            // The layout of a wait status, which Glibc offers as macros only.
            let signal = status & 0x7f
            if signal == 0 {
                record.exitCode = (status >> 8) & 0xff
            } else {
                record.signal = signal
                if cause == nil { record.reason = .signaled }
            }
        }
        record.stopStages = chain.begun
        record.stopSignal = chain.lastSignal
        record.stopSignals = chain.signals
        record.killScope = family.cgroup == nil ? "subreaper" : "cgroup"
        record.survivorsKilled = sweep.count - sweep.left
        record.survivorsLeft = sweep.left
        record.standardOutput = outputs.first?.totals ?? StreamTotals()
        record.standardError = outputs.dropFirst().first?.totals ?? StreamTotals()
        record.outputError = outputs.lazy.compactMap(\.failure).first.map { String(cString: strerror($0)) }
        record.startedAt = startedWall
        record.endedAt = status == nil ? ShimClock.wall() : endedWall
        record.duration = (status == nil ? ShimClock.monotonic() : endedAt) - startedAt
        record.usage = ChildUsage.reaped()
        return record
    }
}
