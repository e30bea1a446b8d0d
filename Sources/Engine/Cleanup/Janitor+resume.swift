import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

extension Janitor {
    /// Goes on with every removal that a crash interrupted, from the facts on the disk.
    ///
    /// For callers that hold the janitor's lock.
    func resume() async throws -> [CleanupReport] {
        var reports: [CleanupReport] = []
        for (environment, number) in try await interrupted() {
            var report = report(environment, number)
            if try await isMoved(environment) {
                report.snapshot = environment.snapshotRef
                report.trash = environment.trashPath
                reports.append(try await finishMove(environment, report))
                continue
            }
            let worktree = worktree(of: environment)
            guard Janitor.isAnythingAt(worktree.path) else {
                reports.append(try await vanish(environment, worktree, report, dryRun: false))
                continue
            }
            let expected = try await identity(of: environment)
            report.reasons = try await workspace.lane.run { try refusals(worktree, expected, deep: true) }
            if let reason = Janitor.standing(environment) { report.reasons.append(reason) }
            if report.reasons.isEmpty {
                reports.append(try await remove(environment, worktree, expected, report))
            } else {
                try await abandon(environment)
                reports.append(report)
            }
        }
        return reports
    }

    /// Gives every environment of this host a plain state again, so that a person can have it: what was not moved yet
    /// stays. For callers that hold the janitor's lock.
    func settle() async throws {
        for (environment, number) in try await interrupted() {
            let worktree = worktree(of: environment)
            if try await isMoved(environment) {
                _ = try await finishMove(environment, report(environment, number))
            } else if Janitor.isAnythingAt(worktree.path) {
                try await abandon(environment)
            } else {
                _ = try await vanish(environment, worktree, report(environment, number), dryRun: false)
            }
        }
    }

    /// Gives up a removal that was not far enough: the worktree is its task's again.
    func abandon(_ environment: EnvironmentRecord) async throws {
        await Teardown(workspace: workspace).abandon(environment)
        _ = try await store.abandonRemoval(environment.id)
    }

    private func interrupted() async throws -> [(EnvironmentRecord, taskNumber: Int)] {
        try await store.environments(EnvironmentFilter(host: HostIdentity.hostname, statuses: [.cleaning]))
            .filter { home.has($0.0) }
    }

    private func report(_ environment: EnvironmentRecord, _ number: Int) -> CleanupReport {
        CleanupReport(task: number, path: environment.worktreePath, branch: environment.branch, outcome: .kept)
    }

    /// The recorded directory is where the removal was about to put it.
    private func isMoved(_ environment: EnvironmentRecord) async throws -> Bool {
        guard environment.removal == .verified, let path = environment.trashPath,
            let found = try? DirectoryIdentity(of: path)
        else { return false }
        guard let recorded = try await identity(of: environment) else { return true }
        return found == recorded
    }

    private func finishMove(_ environment: EnvironmentRecord, _ report: CleanupReport) async throws -> CleanupReport {
        let worktree = worktree(of: environment)
        try await workspace.lane.run {
            // Another worktree of this name may have come since, made by hand.
            if !Janitor.isAnythingAt(worktree.path) { try worktree.removeAdmin() }
        }
        return try await recordTrashed(environment, report)
    }
}
