import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

extension Janitor {
    /// The folder is gone, by other hands: what its Git directory still anchors is saved, and all references stay.
    ///
    /// Nothing is made in its place. The administrative folder stays too, because the directory may only have been
    /// moved: `runner env relocate` finds it again.
    func vanish(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ started: CleanupReport, dryRun: Bool
    ) async throws -> CleanupReport {
        var report = started
        report.outcome = .vanished
        report.reasons = [
            "the folder is gone; the branch \(environment.branch) and all checkpoints remain; if you moved it: "
                + "runner env relocate \(started.task) <folder>"
        ]
        guard !dryRun else { return report }
        let from: [RemovalState] = [.active, .expiring, .quiet, .saved, .verified, .vanished]
        guard environment.removal != .active || environment.status == .idle else { return report }
        report.snapshot = try await saveGitState(of: environment, worktree, task: started.task)
        guard try await store.advanceRemoval(environment.id, from: from, to: .vanished) else { return report }
        try await store.recordEvent(
            task: environment.taskID, kind: "environment.vanished",
            detail: .object(["path": .string(report.path), "snapshot": .string(report.snapshot ?? "")]))
        return report
    }

    /// Saves index, HEAD, logs and states of a merge or rebase with every commit that they name; nil without any.
    ///
    /// An empty folder stands in for the one that is gone.
    private func saveGitState(
        of environment: EnvironmentRecord, _ gone: Worktree, task: Int
    ) async throws -> String? {
        let standIn = "\(home.trash)/.gone-\(environment.id)"
        let saved = try await workspace.lane.run { () -> SnapshotReport? in
            guard access(gone.adminPath, F_OK) == 0 else { return nil }
            guard mkdir(standIn, 0o700) == 0 || errno == EEXIST else { return nil }
            defer { rmdir(standIn) }
            return try? Snapshot.write(
                SnapshotRequest(
                    worktree: Worktree(hub: gone.hub, name: gone.name, path: standIn),
                    reference: try Janitor.freeReference(task: task, hub: gone.hub),
                    signature: CommitAuthor.runner.signature(at: Date()),
                    message: "what Git still knew of the vanished worktree of task \(task)"))
        }
        guard let saved else { return nil }
        let retention = try await snapshotRetention(of: environment)
        try await store.addSnapshot(
            SnapshotRecord(
                repositoryID: environment.repositoryID, taskID: environment.taskID, environmentID: environment.id,
                host: environment.host, number: Janitor.number(of: saved.reference), ref: saved.reference,
                commit: saved.commit.hex, reason: .vanished, bytes: Int(saved.bytes), files: saved.files,
                notSaved: ["the files of the worktree, which were gone"]),
            retention: retention)
        return saved.reference
    }
}
