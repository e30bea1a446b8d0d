import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Deletes removed worktrees once they can no longer come back from the trash.
struct Trasher: Sendable {
    let workspace: Workspace

    private var home: RunnerHome { workspace.home }
    private var store: Store { workspace.store }
    /// A coarse clock stamps changes up to this much too early.
    private static let clockSlack: TimeInterval = 0.05

    /// Ends the undo windows that are over: each such directory gets a name that says so, in one step.
    ///
    /// What was written into it after its snapshot was proved is saved first. For the janitor's lock.
    func claimExpired() async throws {
        let filter = EnvironmentFilter(host: HostIdentity.hostname, removals: [.trashed])
        var known: Set<String> = []
        var failures = FailureLog()
        for (environment, number) in try await store.environments(filter) {
            guard let path = environment.trashPath, let until = environment.trashUntil else { continue }
            known.insert(path)
            guard until <= Date() else { continue }
            try await failures.note {
                guard try await claim(environment, path, task: number) else { return }
                CrashPoint.reach(.claimed)
                _ = try await store.advanceRemoval(environment.id, from: [.trashed], to: .removed)
            }
        }
        try await claimForgotten(except: known)
        try failures.finish()
    }

    /// False when the directory has to stay.
    private func claim(_ environment: EnvironmentRecord, _ path: String, task: Int) async throws -> Bool {
        guard let identity = try? DirectoryIdentity(of: path) else {
            // Deleted already; or a restore that was killed had put it back, and then it is somebody's again.
            let recorded = try await workspace.janitor.identity(of: environment)
            let place = try? DirectoryIdentity(of: environment.worktreePath)
            return recorded == nil || place != recorded
        }
        do {
            try await saveLateChanges(environment, path, task: task)
        } catch {
            try await store.recordEvent(
                task: environment.taskID, kind: "environment.trash_kept",
                detail: .object(["path": .string(path), "reason": .string("\(error)")]))
            return false
        }
        return try await workspace.lane.run {
            try Trash.move(from: path, to: path + TrashItem.goneSuffix, expected: identity)
            return true
        }
    }

    /// A process that had the directory open when it was moved may have written since: a second snapshot has that.
    private func saveLateChanges(_ environment: EnvironmentRecord, _ path: String, task: Int) async throws {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard let item = TrashItem(name: name), let reference = environment.snapshotRef else { return }
        let hub = Hub(path: home.hub(environment.repositoryID.description))
        let gone = environment.worktree(in: hub)
        let saved = try await workspace.lane.run { () -> SnapshotReport? in
            let survey = try DirectorySurvey(of: path)
            let limit = item.provenAt.addingTimeInterval(-Self.clockSlack)
            guard let change = survey.newestChange, change.moment > limit, try hub.open().reference(reference) != nil
            else { return nil }
            let worktree = Worktree(hub: hub, name: gone.name, path: path)
            // An earlier look may have been killed.
            if worktree.isAdminHere { try worktree.removeAdmin() }
            // Another worktree may have this name by now; then what is there is left alone.
            guard access(worktree.adminPath, F_OK) != 0 else {
                throw EngineError(.notRemoved, "it changed after its snapshot, and its name is in use", hint: nil)
            }
            try Snapshot.restoreAdmin(reference, of: worktree)
            defer { try? worktree.removeAdmin() }
            CrashPoint.reach(.looking)
            if try Snapshot.verify(reference, against: worktree).differences.allSatisfy({ $0.path.hasPrefix("gitdir:") }
            ) {
                return nil
            }
            return try Snapshot.saveVerified(
                SnapshotRequest(
                    worktree: worktree, reference: try Janitor.freeReference(task: task, hub: hub),
                    signature: CommitAuthor.runner.signature(at: Date()),
                    message: "late changes in the removed worktree of task \(task)"))
        }
        guard let saved else { return }
        try await workspace.janitor.record(saved, of: environment)
        try await store.setSnapshot(environment.id, ref: saved.reference)
    }

    /// Trash without a row: of tasks that are deleted, or replaced by a restore from an older snapshot.
    private func claimForgotten(except known: Set<String>) async throws {
        let undo = try workspace.janitor.settings().undoWindow.inSeconds
        let folder = home.trash
        try await workspace.lane.run {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                let path = "\(folder)/\(name)"
                guard let item = TrashItem(name: name), !item.isGone, !known.contains(path),
                    Date().timeIntervalSince(item.provenAt) > undo, let identity = try? DirectoryIdentity(of: path)
                else { continue }
                try? Trash.move(from: path, to: path + TrashItem.goneSuffix, expected: identity)
            }
        }
    }

    /// Deletes what no longer can come back; as long as it takes, without any lock of the janitor's.
    func deleteGone() async throws {
        let folder = home.trash
        let worker = BlockingLane(label: "runner.trash")
        try await worker.run {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where TrashItem(name: name)?.isGone == true {
                let path = "\(folder)/\(name)"
                guard let identity = try? DirectoryIdentity(of: path) else { continue }
                // What cannot go now is tried again by the next round.
                try? DirectoryRemoval.remove(path, expected: identity, beneath: folder)
            }
        }
    }
}
