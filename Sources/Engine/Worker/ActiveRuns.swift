import RunnerCore
import Synchronization

/// The runs that this worker has in hand.
final class ActiveRuns: Sendable {
    private let runs = Mutex<[RunID: RunControl]>([:])

    func add(_ control: RunControl) {
        runs.withLock { $0[control.run] = control }
    }

    func remove(_ run: RunID) {
        _ = runs.withLock { $0.removeValue(forKey: run) }
    }

    subscript(run: RunID) -> RunControl? { runs.withLock { $0[run] } }

    var count: Int { runs.withLock { $0.count } }

    var all: [RunControl] { runs.withLock { Array($0.values) } }

    func leaveAll(_ departure: RunControl.Departure) {
        for control in all { control.leave(departure) }
    }
}
