import Synchronization

/// How long this worker may believe that its runs are its own, by its own clock and from the moment of asking.
final class LeaseClock: Sendable {
    let lease: Duration
    private let confirmedAt: Mutex<Duration>

    init(lease: Duration, confirmedAt: Duration = BootClock.now) {
        self.lease = lease
        self.confirmedAt = Mutex(confirmedAt)
    }

    /// The server extended the lease in answer to what was sent at `moment`, so it began no earlier than that.
    func confirm(sentAt moment: Duration) {
        confirmedAt.withLock { $0 = max($0, moment) }
    }

    /// Two thirds of the lease: the rest is for ending what runs, before anybody else may begin.
    var trustedUntil: Duration { confirmedAt.withLock { $0 } + lease * 2 / 3 }

    var isTrusted: Bool { BootClock.now < trustedUntil }
}
