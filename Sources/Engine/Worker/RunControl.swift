import Git
import RunnerCore
import Store
import Synchronization

/// One run in the hands of this worker: what may stop it, and whether it still is this worker's.
final class RunControl: Sendable {
    /// Why a worker lets go of a run that has not ended.
    enum Departure: Sendable, Hashable {
        /// The worker ends in order; whoever comes next adopts what runs.
        case released
        /// Another worker owns the run by now.
        case taken
        /// The database did not answer for too long; another host may own the run.
        case expired
    }

    let run: RunID
    let fence: Int
    let cancellation: Cancellation
    private let lease: LeaseClock
    private let store: Store
    private let state = Mutex(State())

    private struct State {
        var departure: Departure?
        var handlers: [Int: @Sendable () -> Void] = [:]
        var nextTicket = 0
        var ownedAt: Duration?
    }

    init(run: RunID, fence: Int, cancellation: Cancellation, lease: LeaseClock, store: Store) {
        self.run = run
        self.fence = fence
        self.cancellation = cancellation
        self.lease = lease
        self.store = store
    }

    var departure: Departure? { state.withLock { $0.departure } }

    /// Lets go of the run; the first reason counts.
    func leave(_ departure: Departure) {
        let handlers = state.withLock { state in
            guard state.departure == nil else { return [@Sendable () -> Void]() }
            state.departure = departure
            return Array(state.handlers.values)
        }
        handlers.forEach { $0() }
    }

    /// Runs `body` in a task that leaving cancels.
    func whileStaying<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await body() }
        let ticket = state.withLock { state -> Int? in
            guard state.departure == nil else { return nil }
            state.nextTicket += 1
            state.handlers[state.nextTicket] = { task.cancel() }
            return state.nextTicket
        }
        guard let ticket else {
            task.cancel()
            return try await task.value
        }
        defer { state.withLock { _ = $0.handlers.removeValue(forKey: ticket) } }
        return try await task.value
    }

    /// Asks the database whether the run is still this worker's; throws `StoreError.fenced` when it is not.
    func confirm() async throws {
        let moment = BootClock.now
        guard try await store.ownsRun(run, fence: fence) else { throw StoreError.fenced(run) }
        state.withLock { $0.ownedAt = moment }
    }

    /// Whether refs may be moved right now without asking again: a pause of this process shows here.
    var mayMoveRefs: Bool {
        guard let ownedAt = state.withLock({ $0.ownedAt }) else { return false }
        return lease.isTrusted && BootClock.now < ownedAt + lease.lease * 2 / 3
    }

    /// A heartbeat, sent at `moment`, found the run among those of this worker.
    func noteOwned(at moment: Duration) {
        state.withLock { state in
            if let known = state.ownedAt { state.ownedAt = max(known, moment) }
        }
    }

    /// What `checkBeforeMovingRefs` was asked for: by it its refusal is known, however the lease stands afterwards.
    static let movingRefs = "move a reference"

    /// Throws `.modified` when refs may not be moved without asking again.
    func checkBeforeMovingRefs() throws(GitError) {
        guard mayMoveRefs else {
            throw GitError(
                code: .modified, operation: RunControl.movingRefs,
                message: "this worker does not know whether the run is still its own")
        }
    }
}
