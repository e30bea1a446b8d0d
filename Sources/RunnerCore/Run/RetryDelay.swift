package import Foundation

/// How long to wait before another attempt.
package enum RetryDelay {
    /// Nothing waits longer than this for a limit that gives no time.
    static let longest = Duration.seconds(300)

    /// None after an ordinary failure; 5 s, 10 s, 20 s… after a transient one; 30 s, 60 s… or until it ends after a
    /// limit. `failures` counts from 1.
    package static func after(failures: Int, result: StepResult, at now: Date) -> Duration {
        let doublings = 1 << min(max(failures - 1, 0), 10)
        switch result.failureClass {
        case nil, .permanent: return .zero
        case .transient: return min(.seconds(5) * doublings, longest)
        case .limit:
            guard let end = result.retryAt else { return min(.seconds(30) * doublings, longest) }
            return .seconds(min(max(end.timeIntervalSince(now), 1), 7 * 86_400))
        }
    }
}
