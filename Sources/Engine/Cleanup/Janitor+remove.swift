import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

extension Janitor {
    private struct Stopped: Error {
        let reason: String
    }

    /// Brings a removal that has begun to its end, from whatever state its row and the disk are in.
    ///
    /// Every step is recorded by a compare-and-swap before the next is begun. What speaks against it on the way ends
    /// it: the environment is idle again, and the report says why.
    func remove(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ expected: DirectoryIdentity?,
        _ started: CleanupReport
    ) async throws -> CleanupReport {
        var report = started
        var planned: String?
        do {
            _ = await workspace.lane.runCatching { worktree.hub.repairAccess() }
            let isSaved = environment.removal == .saved || environment.removal == .verified
            var reference = isSaved ? environment.snapshotRef : nil
            var provenAt = Date()
            if environment.removal == .expiring {
                report.teardownError = try await Teardown(workspace: workspace).run(environment)
                try await onFullDisk { try await keepLastState(of: environment, worktree, task: started.task) }
                try await advance(environment, from: [.expiring], to: .quiet)
                CrashPoint.reach(.quiet)
            }
            if let known = reference, try await !stillHolds(known, worktree) {
                try await advance(environment, from: [.saved, .verified], to: .quiet)
                reference = nil
            }
            if reference == nil {
                let (saved, moment) = try await save(environment, worktree, task: started.task)
                (reference, provenAt) = (saved.reference, moment)
                report.reasons = saved.notSaved.map { "not saved: \($0.sentence)" }
            }
            report.snapshot = reference
            let proven = ContinuousClock.now
            let trash = try await planTrash(environment, worktree, provenAt)
            planned = trash
            try await move(worktree, to: trash, expected)
            report.handoverMs = (ContinuousClock.now - proven) / .milliseconds(1)
            report.trash = trash
            return try await recordTrashed(environment, report)
        } catch {
            let cause = (error as? Stopped)?.reason ?? "\(error)"
            // In the trash it is not idle: its row says where it is, and the next round, or a restore, goes on from there.
            if let planned, let found = try? DirectoryIdentity(of: planned), found == expected ?? found {
                report.trash = planned
                report.reasons = ["its folder is in the trash, and the next cleanup ends its removal: \(cause)"]
                return report
            }
            try await abandon(environment)
            report.reasons = ["it was not removed: \(cause)"]
            return report
        }
    }

    private func advance(
        _ environment: EnvironmentRecord, from: [RemovalState], to state: RemovalState
    ) async throws {
        guard try await store.advanceRemoval(environment.id, from: from + [state], to: state) else {
            throw Stopped(reason: "it was kept or locked a moment ago")
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

    /// Does it once more with the room of the reserve when the disk is full.
    private func onFullDisk<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as GitError where error.code == .diskFull {
            guard Reserve(home: home).release() else { throw error }
            return try await body()
        }
    }

    /// Writes and proves a snapshot.
    private func save(
        _ environment: EnvironmentRecord, _ worktree: Worktree, task: Int
    ) async throws -> (SnapshotReport, provenAt: Date) {
        let reference = try await workspace.lane.run { try Janitor.freeReference(task: task, hub: worktree.hub) }
        let request = SnapshotRequest(
            worktree: worktree, reference: reference, signature: CommitAuthor.runner.signature(at: Date()),
            message: "snapshot of task \(task) before its worktree is removed")
        let saved = try await onFullDisk { try await write(request) }
        try await record(saved.report, of: environment)
        try await store.setSnapshot(environment.id, ref: saved.report.reference)
        try await advance(environment, from: [.quiet], to: .saved)
        CrashPoint.reach(.saved)
        return (saved.report, saved.provenAt)
    }

    /// Returns when the comparison that proved the snapshot began, too.
    private func write(_ request: SnapshotRequest) async throws -> (report: SnapshotReport, provenAt: Date) {
        try await workspace.lane.run {
            var moment = Date()
            do {
                let saved = try Snapshot.saveVerified(request) {
                    moment = Date()
                    CrashPoint.reach(.written)
                }
                return (saved, moment)
            } catch {
                // A draft that was not proved is no snapshot.
                try? request.worktree.hub.open().deleteReference(request.reference)
                throw error
            }
        }
    }

    /// Gives a verified snapshot its row, with what is not in it and with the retention of its repository.
    func record(
        _ saved: SnapshotReport, of environment: EnvironmentRecord, reason: SnapshotRecord.Reason = .removal
    ) async throws {
        try await store.addSnapshot(
            SnapshotRecord(
                repositoryID: environment.repositoryID, taskID: environment.taskID, environmentID: environment.id,
                host: environment.host, number: Janitor.number(of: saved.reference), ref: saved.reference,
                commit: saved.commit.hex, reason: reason, verified: true, bytes: Int(saved.bytes), files: saved.files,
                notSaved: saved.notSaved.prefix(1000).map(\.sentence)),
            retention: try await snapshotRetention(of: environment))
    }

    func snapshotRetention(of environment: EnvironmentRecord) async throws -> Duration {
        let own = try await store.repository(environment.repositoryID).settings.snapshotDays
        return try own.map { .seconds($0 * 86_400) } ?? settings().snapshotRetention
    }

    /// Whether a snapshot from before a crash still is what the worktree holds.
    private func stillHolds(_ reference: String, _ worktree: Worktree) async throws -> Bool {
        try await workspace.lane.run {
            guard try worktree.hub.open().reference(reference) != nil else { return false }
            return try Snapshot.verify(reference, against: worktree).isProof
        }
    }

    /// Names the place in the trash and records it, so that a crash after the move is understood.
    private func planTrash(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ provenAt: Date
    ) async throws -> String {
        // Room that a quota asks for is needed now; the snapshot has everything.
        let isForRoom = environment.removalReason?.hasPrefix(DiskGovernor.reason) == true
        let undo = isForRoom ? .zero : try settings().undoWindow
        let path = TrashItem.path(in: home.trash, name: worktree.name, provenAt: provenAt)
        guard try await store.planTrash(environment.id, path: path, undo: undo) else {
            throw Stopped(reason: "it was kept or locked a moment ago")
        }
        CrashPoint.reach(.verified)
        return path
    }

    private func move(_ worktree: Worktree, to trash: String, _ expected: DirectoryIdentity?) async throws {
        try await workspace.lane.run {
            // Somebody may have come in while the snapshot was written.
            if let refusal = try refusals(worktree, expected, deep: false).first { throw Stopped(reason: refusal) }
            // Renaming a folder needs the right to write in it; the snapshot has the mode it had.
            // By descriptor: a link that was swapped in just now must not lead the change outside.
            let directory = runner_open(worktree.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
            if directory >= 0 {
                var facts = stat()
                if fstat(directory, &facts) == 0, facts.st_mode & 0o300 != 0o300 { fchmod(directory, 0o700) }
                close(directory)
            }
            try Trash.move(from: worktree.path, to: trash, expected: expected)
            CrashPoint.reach(.moved)
            try worktree.removeAdmin()
            CrashPoint.reach(.unlinked)
        }
    }

    /// Records that the directory is in the trash; also what a crash before this line left.
    func recordTrashed(_ environment: EnvironmentRecord, _ finished: CleanupReport) async throws -> CleanupReport {
        var report = finished
        _ = try await store.advanceRemoval(environment.id, from: [.verified], to: .trashed)
        CrashPoint.reach(.trashed)
        report.outcome = .removed
        try await store.recordEvent(
            task: environment.taskID, kind: "environment.removed",
            detail: .object([
                "path": .string(report.path), "snapshot": .string(report.snapshot ?? ""),
                "not_saved": .array(report.reasons.map(JSONValue.string)),
                "reason": .string(environment.removalReason ?? ""),
            ]))
        return report
    }

    static func freeReference(task: Int, hub: Hub) throws -> String {
        let repository = try hub.open()
        let taken = try repository.references(matching: "refs/runner/\(task)/snap/*").map { number(of: $0.name) }
        // Not the number of one that was let go: a person may have written it down.
        return "refs/runner/\(task)/snap/\((taken.max() ?? 0) + 1)"
    }

    static func number(of reference: String) -> Int {
        reference.split(separator: "/").last.flatMap { Int($0) } ?? 1
    }
}

extension Janitor {
    /// Removes a due worktree because its room is needed, whatever was done in it lately; true when it is gone.
    func removeForRoom(_ environment: EnvironmentRecord, task: Int, _ reason: String) async throws -> Bool {
        try await handle(environment, task: task, asked: true, dryRun: false, reason: reason).outcome == .removed
    }
}
