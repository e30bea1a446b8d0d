import Glibc

/// Walks through the stop stages by the clock, and ends in SIGKILL.
struct StopChain {
    private let stages: [StopStage]
    /// Stages begun so far, SIGKILL included.
    private(set) var begun = 0
    private(set) var lastSignal: Int32?
    /// The signal of each stage that was begun.
    private(set) var signals: [Int32] = []
    /// When SIGKILL was first due; nil before.
    private(set) var killingSince: Int64?
    /// When `next` has something to say again; nil while nobody asked to stop.
    private(set) var nextAt: Int64?

    private var skipsStages = false
    /// SIGKILL is repeated at this interval, for what was forked in the meantime.
    private static let killInterval: Int64 = 20

    init(stages: [StopStage]) {
        self.stages = stages
    }

    mutating func begin(at now: Int64) {
        if nextAt == nil { nextAt = now }
    }

    /// Goes to SIGKILL at once.
    mutating func skipToKill(at now: Int64) {
        guard killingSince == nil else { return }
        nextAt = now
        skipsStages = true
    }

    /// The stage that is due now, if any; SIGKILL to everything when all stages had their time.
    mutating func next(at now: Int64) -> StopStage? {
        guard let due = nextAt, now >= due else { return nil }
        if !skipsStages, begun < stages.count {
            let stage = stages[begun]
            begun += 1
            lastSignal = stage.signal
            signals.append(stage.signal)
            nextAt = now + stage.wait
            return stage
        }
        if killingSince == nil {
            killingSince = now
            begun += 1
            signals.append(SIGKILL)
        }
        lastSignal = SIGKILL
        nextAt = now + StopChain.killInterval
        return StopStage(signal: SIGKILL, wholeGroup: true, wait: StopChain.killInterval)
    }
}
