import Synchronization

/// How long this worker may believe that its runs are its own, by its own clock and from the moment of asking.
final class LeaseClock: Sendable {
    let lease: Duration
    private let state: Mutex<State>

    private struct State {
        var confirmedAt: Duration
        var resumedAt: Duration?
    }

    init(lease: Duration, confirmedAt: Duration = BootClock.now) {
        self.lease = lease
        state = Mutex(State(confirmedAt: confirmedAt))
    }

    /// The server extended the lease in answer to what was sent at `moment`, so it began no earlier than that.
    func confirm(sentAt moment: Duration) {
        state.withLock { state in
            if moment > trustedUntil(state) { state.resumedAt = moment }
            state.confirmedAt = max(state.confirmedAt, moment)
        }
    }

    /// When the server answered again after it, or this process, had been away; nil where neither ever was.
    var resumedAt: Duration? { state.withLock { $0.resumedAt } }

    /// Two thirds of the lease: the rest is for ending what runs, before anybody else may begin.
    var trustedUntil: Duration { state.withLock { trustedUntil($0) } }

    private func trustedUntil(_ state: State) -> Duration { state.confirmedAt + lease * 2 / 3 }

    var isTrusted: Bool { BootClock.now < trustedUntil }
}
