import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Removes worktrees whose time has come, never before a verified snapshot of all that is in them exists.
struct Janitor: Sendable {
    let workspace: Workspace

    /// Removed worktrees stay in the trash this long.
    static let undoWindow: TimeInterval = 24 * 3600

    private var home: RunnerHome { workspace.home }
    private var store: Store { workspace.store }

    /// Looks at the given environments, all due ones without any, and removes what can go.
    ///
    /// One janitor works on a host at a time; with `waits: false` nothing is done while another one does.
    func run(_ tasks: [TaskRecord], dryRun: Bool, waits: Bool, limit: Int = .max) async throws -> [CleanupReport] {
        let lock = dryRun ? nil : try await JanitorLock.take(in: home, waits: waits)
        if !dryRun, lock == nil { return [] }
        defer { lock?.release() }
        if !dryRun { try await settle() }
        var reports: [CleanupReport] = []
        for (environment, number) in try await candidates(tasks).prefix(limit) {
            reports.append(try await handle(environment, task: number, dryRun: dryRun))
        }
        if !dryRun { await emptyTrash() }
        return reports
    }

    /// Takes up what a killed janitor left half done, so that every environment of this host has a plain state.
    ///
    /// For callers that hold the janitor's lock.
    func settle() async throws {
        let filter = EnvironmentFilter(host: HostIdentity.hostname, statuses: [.cleaning])
        for (environment, number) in try await store.environments(filter) {
            let worktree = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
            if worktree.directoryExists {
                _ = try await store.setEnvironmentStatus(environment.id, from: [.cleaning], to: .idle)
            } else {
                let report = CleanupReport(
                    task: number, path: worktree.path, branch: environment.branch, outcome: .vanished, snapshot: nil,
                    reasons: [])
                _ = try await vanished(environment, worktree, report, dryRun: false)
            }
        }
    }

    /// Removes one environment of this host after a verified snapshot, although its deadline is not over.
    func remove(_ environment: EnvironmentRecord, of task: TaskRecord) async throws -> CleanupReport {
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        _ = try await store.setEnvironmentStatus(
            environment.id, from: [.initializing, .running, .testing], to: .idle)
        let current = try await store.environments(EnvironmentFilter(host: environment.host)).map(\.0)
            .first { $0.id == environment.id }
        return try await handle(current ?? environment, task: task.number, dryRun: false)
    }

    private func candidates(_ tasks: [TaskRecord]) async throws -> [(EnvironmentRecord, Int)] {
        let host = HostIdentity.hostname
        guard !tasks.isEmpty else {
            let due = try await store.environments(EnvironmentFilter(host: host, dueOnly: true))
            return due.filter { [.idle, .cleaning].contains($0.0.status) }.map { ($0.0, $0.taskNumber) }
        }
        var found: [(EnvironmentRecord, Int)] = []
        for task in tasks {
            guard let environment = try await store.environment(of: task.id) else {
                throw EngineError(.wrongState, "task \(task.number) has no worktree", hint: nil)
            }
            found.append((environment, task.number))
        }
        return found
    }

    private func handle(_ environment: EnvironmentRecord, task: Int, dryRun: Bool) async throws -> CleanupReport {
        var report = CleanupReport(
            task: task, path: environment.worktreePath, branch: environment.branch, outcome: .kept, snapshot: nil,
            reasons: [])
        if let reason = standing(environment) {
            report.reasons = [reason]
            return report
        }
        let hub = Hub(path: home.hub(environment.repositoryID.description))
        let worktree = environment.worktree(in: hub)
        if access(worktree.path, F_OK) != 0 {
            return try await vanished(environment, worktree, report, dryRun: dryRun)
        }
        let expected = try await identity(of: environment)
        report.reasons = try await workspace.lane.run { try refusals(worktree, expected) }
        guard report.reasons.isEmpty else { return report }
        if dryRun {
            report.outcome = .removable
            return report
        }
        return try await remove(environment, worktree, expected, report)
    }

    private func identity(of environment: EnvironmentRecord) async throws -> DirectoryIdentity? {
        try await store.directory(of: environment.id).map { DirectoryIdentity(device: $0.device, inode: $0.inode) }
    }

    private func refusals(_ worktree: Worktree, _ recorded: DirectoryIdentity?) throws -> [String] {
        let expected = try recorded ?? DirectoryIdentity(of: worktree.path)
        return Gates.check(worktree, beneath: home.worktrees, expected: expected).map(\.sentence)
    }

    /// Why the row alone forbids a removal.
    private func standing(_ environment: EnvironmentRecord) -> String? {
        if environment.host != HostIdentity.hostname { return "it is on the host \"\(environment.host)\"" }
        if environment.kept { return "it is kept for ever; say runner keep --for to give it a deadline again" }
        switch environment.status {
        case .idle, .cleaning: return nil
        case .terminated: return "it was removed before"
        case .initializing, .running, .testing: return "its run is going on"
        }
    }

    private func remove(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ expected: DirectoryIdentity?, _ started: CleanupReport
    ) async throws -> CleanupReport {
        var report = started
        guard try await store.setEnvironmentStatus(environment.id, from: [.idle, .cleaning], to: .cleaning) else {
            report.reasons = ["its state changed just now"]
            return report
        }
        do {
            let number = started.task
            let signature = CommitAuthor.runner.signature(at: Date())
            // An older snapshot must not be taken for this one after a crash.
            try await store.setSnapshot(environment.id, ref: nil)
            let saved = try await workspace.lane.run { () -> SnapshotReport in
                let reference = try Janitor.freeReference(task: number, hub: worktree.hub)
                return try Snapshot.saveVerified(
                    SnapshotRequest(
                        worktree: worktree, reference: reference, signature: signature,
                        message: "snapshot of task \(number) before its worktree is removed"))
            }
            try await store.setSnapshot(environment.id, ref: saved.reference)
            try await keepLastState(of: environment, worktree, task: number)
            if let now = try await store.environment(of: environment.taskID), now.kept {
                throw EngineError(.notRemoved, "it is kept for ever since a moment ago", hint: nil)
            }
            let trash = "\(home.trash)/\(worktree.name).\(Int(Date().timeIntervalSince1970)).worktree"
            try await workspace.lane.run {
                // Somebody may have come in while the snapshot was written.
                if let refusal = try refusals(worktree, expected).first {
                    throw EngineError(.notRemoved, refusal, hint: nil)
                }
                // Renaming a folder needs the right to write in it; the snapshot has the mode it had.
                // By descriptor: a link that was swapped in just now must not lead the change outside.
                let directory = runner_open(worktree.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
                if directory >= 0 {
                    fchmod(directory, 0o700)
                    close(directory)
                }
                try Trash.move(from: worktree.path, to: trash, expected: expected)
                try worktree.removeAdmin()
            }
            report.snapshot = saved.reference
            report.reasons = saved.notSaved.map { "not saved: \($0.path) (\($0.reason), \($0.size) bytes)" }
            return try await finish(environment, report)
        } catch {
            _ = try await store.setEnvironmentStatus(environment.id, from: [.cleaning], to: .idle)
            report.reasons = ["it was not removed: \(error)"]
            return report
        }
    }

    /// What `runner diff` and `apply` show once the worktree is gone: its last state, edits after the run included.
    private func keepLastState(of environment: EnvironmentRecord, _ worktree: Worktree, task: Int) async throws {
        let signature = CommitAuthor.runner.signature(at: Date())
        let commit = try await workspace.lane.run { () -> ObjectID in
            let checkpoint = try Checkpoint.write(
                worktree: worktree, message: "last state of the worktree", author: signature, committer: signature)
            try worktree.hub.open().setReference("refs/runner/\(task)/last", to: checkpoint.commit)
            return checkpoint.commit
        }
        try await store.setHead(environment.id, commit: commit.hex)
    }

    private func finish(_ environment: EnvironmentRecord, _ finished: CleanupReport) async throws -> CleanupReport {
        var report = finished
        _ = try await store.setEnvironmentStatus(environment.id, from: [.cleaning], to: .terminated)
        report.outcome = .removed
        try await store.recordEvent(
            task: environment.taskID, kind: "environment.removed",
            detail: .object([
                "path": .string(report.path), "snapshot": .string(report.snapshot ?? ""),
                "not_saved": .array(report.reasons.map(JSONValue.string)),
            ]))
        return report
    }

    /// The folder is gone: either a crash came between the move to the trash and the record, or a person removed it.
    private func vanished(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ started: CleanupReport, dryRun: Bool
    ) async throws -> CleanupReport {
        var report = started
        report.outcome = .vanished
        report.reasons = ["the folder is gone; the branch \(environment.branch) and all checkpoints remain"]
        guard !dryRun else { return report }
        if environment.status == .cleaning, environment.snapshotRef != nil {
            report.snapshot = environment.snapshotRef
            report.reasons = []
            try await workspace.lane.run { try worktree.removeAdmin() }
            return try await finish(environment, report)
        }
        _ = try await store.setEnvironmentStatus(environment.id, from: [.idle, .cleaning], to: .terminated)
        try await store.recordEvent(
            task: environment.taskID, kind: "environment.vanished", detail: .object(["path": .string(report.path)]))
        return report
    }

    static func freeReference(task: Int, hub: Hub) throws -> String {
        let repository = try hub.open()
        var number = 1
        while try repository.reference("refs/runner/\(task)/snap/\(number)") != nil { number += 1 }
        return "refs/runner/\(task)/snap/\(number)"
    }

    /// Frees what has been in the trash longer than the undo window; trouble there must not fail a command.
    private func emptyTrash() async {
        let folder = home.trash
        _ = try? await workspace.lane.run {
            let now = Date().timeIntervalSince1970
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                let parts = name.split(separator: ".")
                guard parts.count >= 3, parts.last == "worktree", let moved = TimeInterval(parts[parts.count - 2]),
                    now - moved > Janitor.undoWindow
                else { continue }
                let path = "\(folder)/\(name)"
                if let identity = try? DirectoryIdentity(of: path) {
                    try? DirectoryRemoval.remove(path, expected: identity, beneath: folder)
                }
            }
        }
    }
}
