import Foundation
import RunnerCore

/// How long what stays, and how much room it may take; from environment variables, each with a default.
package struct CleanupSettings: Sendable {
    /// A removed worktree can come back from the trash as it is for this long.
    package var undoWindow = Duration.seconds(24 * 3600)
    /// A snapshot is kept for this long.
    package var snapshotRetention = Duration.seconds(90 * 86_400)
    /// What somebody does in a worktree keeps it for this long.
    package var activityExtension = Duration.seconds(24 * 3600)
    /// However much is done, the deadline moves by no more than this.
    package var hardLimit = Duration.seconds(14 * 86_400)
    /// Unreachable objects of a hub that are younger stay.
    package var pruneAge = Duration.seconds(86_400)
    /// How often a hub is looked after.
    package var maintenanceInterval = Duration.seconds(86_400)
    /// Bytes for worktrees, trash and hubs on this host; nil for no limit.
    package var quotaBytes: Int?
    /// Bytes set aside for saving on a full disk.
    package var reserveBytes = 32 << 20

    /// Throws `invalidArgument` for a value that is no duration or no size.
    package init(environment: [String: String]) throws {
        for (name, path) in CleanupSettings.durations {
            guard let text = environment[name], !text.isEmpty else { continue }
            guard let value = text == "0" ? .zero : DurationText.parse(text) else {
                throw EngineError(.invalidArgument, "\(name) is \"\(text)\"", hint: "write it as 12h, 30d or 0s")
            }
            self[keyPath: path] = value
        }
        if let text = environment["RUNNER_DISK_QUOTA"], !text.isEmpty {
            guard let bytes = ByteText.parse(text) else {
                throw EngineError(.invalidArgument, "RUNNER_DISK_QUOTA is \"\(text)\"", hint: "write it as 20G or 500M")
            }
            quotaBytes = bytes
        }
        if let text = environment["RUNNER_DISK_RESERVE"], !text.isEmpty {
            guard let bytes = ByteText.parse(text) else {
                throw EngineError(.invalidArgument, "RUNNER_DISK_RESERVE is \"\(text)\"", hint: "write it as 32M or 0")
            }
            reserveBytes = bytes
        }
    }

    private static let durations: [(String, any WritableKeyPath<CleanupSettings, Duration> & Sendable)] = [
        ("RUNNER_UNDO_WINDOW", \.undoWindow), ("RUNNER_SNAPSHOT_RETENTION", \.snapshotRetention),
        ("RUNNER_ACTIVITY_EXTENSION", \.activityExtension), ("RUNNER_HARD_LIMIT", \.hardLimit),
        ("RUNNER_PRUNE_AGE", \.pruneAge), ("RUNNER_MAINTENANCE_INTERVAL", \.maintenanceInterval),
    ]
}
