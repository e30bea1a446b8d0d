import Glibc

extension Supervisor {
    /// Silence after which the last output is taken to be read although something still holds the pipe.
    private static let settleIdle: Int64 = 250
    /// A straggler that goes on talking is not listened to for longer.
    private static let settleLimit: Int64 = 1000
    /// How long SIGKILL is repeated before the rest is reported as left.
    private static let killLimit: Int64 = 10_000
    private static let sweepInterval: Int64 = 20
    /// Short, for processes that fork and end faster than they can be listed.
    private static let killInterval: Int64 = 1

    /// When the loop has something to decide even if nothing happens; nil when only an event can matter.
    func nextDeadline() -> Int64? {
        switch phase {
        case .running:
            let own = chain.nextAt.map { [$0] } ?? [wallDeadline, idleDeadline].compactMap { $0 }
            return (own + [lifeDeadline].compactMap { $0 }).min()
        case .settling:
            return settleDeadline
        case .sweeping:
            let interval = sweep.isKilling ? Supervisor.killInterval : Supervisor.sweepInterval
            return ShimClock.monotonic() + interval
        case .over:
            return nil
        }
    }

    func advance(at now: Int64) {
        // Another host may begin the step at any moment: there is no time for ending well, whatever was begun before.
        if !hardStopAsked, lifeLine?.isCut(at: ShimClock.boot()) == true { hardStopAsked = true }
        switch phase {
        case .running: advanceRunning(at: now)
        case .settling: advanceSettling(at: now)
        case .sweeping: advanceSweeping(at: now)
        case .over: break
        }
    }

    private var wallDeadline: Int64? { spec.wallTimeout.map { startedAt + $0 } }
    private var settleDeadline: Int64 {
        min(max(lastOutputAt, endedAt) + Supervisor.settleIdle, endedAt + Supervisor.settleLimit)
    }
    private var idleDeadline: Int64? { spec.idleTimeout.map { lastOutputAt + $0 } }
    private var lifeDeadline: Int64? {
        // After a hard stop there is nothing left that it could hurry.
        guard !hardStopAsked else { return nil }
        return lifeLine.map {
            ShimClock.monotonic() + min(max(0, $0.until - ShimClock.boot()), LifeLine.longestWait)
        }
    }

    private func advanceRunning(at now: Int64) {
        guard status == nil else {
            phase = .settling
            return advanceSettling(at: now)
        }
        if cause == nil, let reason = reasonToStop(at: now) {
            cause = reason
            chain.begin(at: now)
        }
        if hardStopAsked { chain.skipToKill(at: now) }
        while let stage = chain.next(at: now) { deliver(stage) }
        if let since = chain.killingSince, now - since > Supervisor.killLimit { phase = .sweeping }
    }

    private func reasonToStop(at now: Int64) -> ExitReason? {
        if softStopAsked || hardStopAsked { return .cancelled }
        if let wallDeadline, now >= wallDeadline { return .timedOutWall }
        if let idleDeadline, now >= idleDeadline { return .timedOutIdle }
        return nil
    }

    private func deliver(_ stage: StopStage) {
        let target = stage.wholeGroup ? -pid : pid
        kill(target, stage.signal)
        // A stopped process would otherwise sleep through its chance to end well.
        kill(target, SIGCONT)
        guard stage.signal == SIGKILL else { return }
        let left = family.members().filter { $0.pid != pid }
        family.killAtOnce()
        sweep.end(left, with: SIGKILL)
    }

    private func advanceSettling(at now: Int64) {
        let isQuiet = outputs.allSatisfy(\.hasEnded) && !hasChildren
        let isForced = hardStopAsked || chain.killingSince != nil
        guard isQuiet || isForced || now >= settleDeadline else { return }
        phase = .sweeping
        advanceSweeping(at: now)
    }

    private func advanceSweeping(at now: Int64) {
        let left = family.members()
        if left.isEmpty, !hasChildren {
            phase = .over
            return
        }
        if sweep.begunAt == nil { sweep.begunAt = now }
        sweep.step(left, at: now, killingAtOnce: hardStopAsked || chain.killingSince != nil)
        if sweep.isKilling { family.killAtOnce() }
        if let since = sweep.begunAt, now - since > Supervisor.killLimit {
            sweep.left = left.count
            phase = .over
        }
    }
}
