package import Foundation

/// How long to wait before another attempt.
package enum RetryDelay {
    /// Nothing waits longer than this for a limit that gives no time.
    static let longest = Duration.seconds(300)

    /// A wait for a limit's end that is already over, because it was told wrongly or in whole minutes, does not grow
    /// beyond this.
    static let longestAfterEnd = Duration.seconds(60)

    /// None after an ordinary failure; 5 s, 10 s, 20 s… after a transient one; 30 s, 60 s… or until it ends after a
    /// limit. `failures` counts from 1; `waits` are those for a limit's end that came just before, each of which makes
    /// the shortest wait for the next one twice as long, from 1 s on.
    ///
    /// `jitter`, from 0 to 1, makes a delay up to a quarter longer, so that many that failed together do not come back
    /// together; a wait for a known end gets at most a minute more.
    package static func after(
        failures: Int, waits: Int = 0, result: StepResult, at now: Date, jitter: Double = 0
    ) -> Duration {
        let doublings = 1 << min(max(failures - 1, 0), 10)
        let spread = min(max(jitter.isFinite ? jitter : 0, 0), 1)
        switch result.failureClass {
        case nil, .permanent, .budget: return .zero
        case .transient: return min(.seconds(5) * doublings, longest) * (1 + spread / 4)
        case .limit:
            guard let end = result.retryAt else {
                return min(.seconds(30) * doublings, longest) * (1 + spread / 4)
            }
            let shortest = min(.seconds(1 << min(max(waits, 0), 10)), longestAfterEnd).inSeconds
            let wait = min(max(end.timeIntervalSince(now), shortest), 7 * 86_400)
            return .seconds(wait + min(wait / 20, 60) * spread)
        }
    }
}
