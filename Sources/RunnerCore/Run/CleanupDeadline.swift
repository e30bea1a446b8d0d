package import Foundation

/// When a worktree may be removed.
package enum CleanupDeadline {
    package static let defaultRetention = Duration.seconds(7 * 86_400)

    /// The end of the run plus `retention`; nil retention means the default, and a negative one means at once.
    package static func after(endOfRun: Date, retention: Duration? = nil) -> Date {
        let seconds = min(max((retention ?? defaultRetention).inSeconds, 0), DurationText.maximum.inSeconds)
        return endOfRun.addingTimeInterval(seconds)
    }

    /// The deadline under a repository's settings.
    package static func after(endOfRun: Date, settings: RepositorySettings) -> Date {
        let days = settings.retentionDays.flatMap { $0.isFinite ? min(max($0, 0), 36_600) : nil }
        return after(endOfRun: endOfRun, retention: days.map { .seconds($0 * 86_400) })
    }
}
