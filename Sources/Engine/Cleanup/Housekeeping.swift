import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// What gives the disk back: trash whose undo window is over, expired snapshots, quotas, unreachable objects.
///
/// Off everybody's critical path: the daemon calls it, or a process of its own that a command leaves behind. One at a
/// time on a host; an interrupted one is gone on with by the next.
struct Housekeeping: Sendable {
    let workspace: Workspace

    private var home: RunnerHome { workspace.home }
    private var store: Store { workspace.store }
    private var janitor: Janitor { workspace.janitor }
    /// Seconds between two rounds that nothing but time asks for.
    private static let interval: TimeInterval = 600

    private var stamp: String { home.trash + "/.housekeeping" }

    /// Whether a round is worth a process: its time has come, or something is waiting to be deleted.
    var isDue: Bool {
        var facts = stat()
        guard lstat(stamp, &facts) == 0 else {
            // The first round comes later: what was just made needs none.
            close(runner_open(stamp, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
            return false
        }
        return Date().timeIntervalSince1970 - Double(facts.st_mtim.tv_sec) >= Self.interval
    }

    /// One whole round; returns at once when another process is at it. What fails keeps nothing else from being done.
    func runOnce() async throws {
        guard let turn = try LockedDescriptor(path: stamp, waits: false) else { return }
        defer { turn.release() }
        utimes(stamp, nil)
        let settings = try janitor.settings()
        var failures = FailureLog()
        if let lock = try await JanitorLock.take(in: home, waits: true) {
            defer { lock.release() }
            try await failures.note { try await Trasher(workspace: workspace).claimExpired() }
            try await failures.note { try await SnapshotKeeper(workspace: workspace).expire(settings) }
            try await failures.note { try await DiskGovernor(workspace: workspace, settings: settings).runOnce() }
        }
        try await failures.note { try await Trasher(workspace: workspace).deleteGone() }
        try await failures.note { try await HubMaintenance(workspace: workspace, settings: settings).runOnce() }
        Reserve(home: home).refill(settings.reserveBytes)
        try failures.finish()
    }
}
