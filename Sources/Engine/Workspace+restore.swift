import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
package import RunnerCore
import Store

extension Workspace {
    /// Brings a removed worktree back, byte for byte, with a new deadline.
    ///
    /// Within the undo window the very directory comes back; later, or with a snapshot's number, a snapshot is written
    /// out. The place must be free.
    package func restore(_ text: String, snapshot number: Int? = nil) async throws -> EnvironmentRecord {
        let task = try await store.task(matching: text)
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        try await janitor.settle()
        return try await restoreLocked(task, snapshot: number)
    }

    /// Writes a snapshot out into an empty or missing folder elsewhere; the task and its worktree stay as they are.
    ///
    /// The new worktree stands on the commit and not on the branch, which stays the task's own. Returns its path.
    package func restore(_ text: String, snapshot number: Int?, to directory: String) async throws -> String {
        let task = try await store.task(matching: text)
        guard let environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) never had a worktree", hint: nil)
        }
        let reference = try await reference(number, of: task, environment)
        let hub = Hub(path: home.hub(environment.repositoryID.description))
        let path = RunnerHome.absolute(directory)
        try await lane.run {
            let copy = Worktree(hub: hub, name: try Workspace.freeName(for: task.number, in: hub), path: path)
            do {
                _ = try Snapshot.restore(reference, to: copy)
            } catch let error as GitError where error.code == .exists {
                throw EngineError(
                    .wrongState, "\"\(path)\" is not empty", hint: "name a folder that is empty or missing")
            }
            try copy.relinkSubmodules(of: environment.worktree(in: hub))
            let git = try copy.open()
            if let commit = try git.head().commit { try git.setReference("HEAD", to: commit) }
        }
        return path
    }

    /// The same for a caller that holds the janitor's lock.
    func restoreLocked(_ task: TaskRecord, snapshot number: Int? = nil) async throws -> EnvironmentRecord {
        guard let environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) never had a worktree", hint: nil)
        }
        let worktree = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
        let isHere = environment.host == HostIdentity.hostname
        if isHere {
            try checkIsHere(environment, of: task)
            _ = await lane.runCatching { worktree.hub.repairAccess() }
        }
        // A step or a person removed it: nobody knows more than its last commit.
        let isGone =
            isHere && number == nil && !worktree.directoryExists
            && (environment.status == .idle || environment.removal == .vanished)
        if isHere, number == nil, environment.removal == .vanished, try await isBack(environment, worktree) {
            return try await welcome(environment, worktree, of: task)
        }
        guard environment.status == .terminated || isGone else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) is at \"\(environment.worktreePath)\"", hint: nil)
        }
        guard isHere else {
            throw EngineError(
                .wrongState, "the snapshot of task \(task.number) is on the host \"\(environment.host)\"",
                hint: "run runner restore there")
        }
        if isGone, let tip = ObjectID(environment.headCommit ?? environment.baseCommit) {
            let repository = try await store.taskDetail(task.id).repository
            try await checkOutAgain(environment, worktree, at: tip, repository, progress: { _ in })
            if environment.status == .terminated {
                try await reopen(environment, of: task, retention: repository.settings.retention)
            }
            try await store.recordEvent(
                task: task.id, kind: "environment.restored", detail: .object(["commit": .string(tip.hex)]))
            return try await store.environment(of: task.id) ?? environment
        }
        let reference = try await reference(number, of: task, environment)
        var files = 0
        if reference == environment.snapshotRef, try await takeBack(environment, worktree, reference) {
            CrashPoint.reach(.returned)
        } else {
            files = try await writeOut(reference, to: worktree)
        }
        let identity = try DirectoryIdentity(of: worktree.path)
        try await store.setDirectory(environment.id, device: identity.device, inode: identity.inode)
        let retention = try await store.taskDetail(task.id).repository.settings.retention
        try await reopen(environment, of: task, retention: retention)
        try await store.setSnapshot(environment.id, ref: nil)
        try await store.recordEvent(
            task: task.id, kind: "environment.restored",
            detail: .object(["files": .integer(files), "snapshot": .string(reference)]))
        return try await store.environment(of: task.id) ?? environment
    }

    /// Whether a directory that had vanished is there again, as that of a disk which was not mounted.
    ///
    /// A disk may have another number than before, so that the directory's own and its link have to do.
    private func isBack(_ environment: EnvironmentRecord, _ worktree: Worktree) async throws -> Bool {
        let recorded = try await janitor.identity(of: environment)
        return try await lane.run {
            guard worktree.directoryExists, worktree.verifyLink() else { return false }
            let found = try DirectoryIdentity(of: worktree.path)
            return recorded == nil || found.inode == recorded?.inode
        }
    }

    /// Takes the directory that is back as it is, with a new deadline.
    private func welcome(
        _ environment: EnvironmentRecord, _ worktree: Worktree, of task: TaskRecord
    ) async throws -> EnvironmentRecord {
        let retention = try await store.taskDetail(task.id).repository.settings.retention
        try await store.relocate(
            environment.id, to: worktree.path, adminName: worktree.name, retention: retention)
        let identity = try DirectoryIdentity(of: worktree.path)
        try await store.setDirectory(environment.id, device: identity.device, inode: identity.inode)
        try await store.recordEvent(
            task: task.id, kind: "environment.restored", detail: .object(["files": .integer(0)]))
        return try await store.environment(of: task.id) ?? environment
    }

    private func reopen(_ environment: EnvironmentRecord, of task: TaskRecord, retention: Duration?) async throws {
        guard
            try await store.setEnvironmentStatus(
                environment.id, from: [.terminated], to: .idle, cleanupAfter: retention ?? Store.defaultRetention)
        else {
            throw EngineError(.wrongState, "another command restored task \(task.number) just now", hint: nil)
        }
    }

    /// Has the directory of an environment again after somebody removed it, as its last commit is.
    func checkOutAgain(
        _ environment: EnvironmentRecord, _ worktree: Worktree, at tip: ObjectID, _ repository: Repository,
        progress: @escaping ProgressHandler
    ) async throws {
        let branch = environment.branch
        // A step may have put a file or a link there; each further attempt would fail over it in the middle.
        let isTaken = try await lane.run { Janitor.isAnythingAt(worktree.path) }
        guard !isTaken else { throw Workspace.taken(worktree.path) }
        try await LargeFiles(repositories: repositories, repository: repository).fetch(tip, progress: progress)
        let draft = try await lane.run { try worktree.rebuildDirectory(branch: branch, tip: tip) }
        CrashPoint.reach(.rebuilt)
        // It keeps its identity under its new name; recorded afterwards, a directory that a crash left would be a
        // stranger's for ever.
        let identity = try DirectoryIdentity(of: draft.path)
        try await store.setDirectory(environment.id, device: identity.device, inode: identity.inode)
        try await lane.run { try worktree.place(draft) }
        CrashPoint.reach(.placed)
        try await Submodules(repositories: repositories, repository: repository)
            .bring(to: worktree, at: tip, progress: progress)
    }

    private func reference(
        _ number: Int?, of task: TaskRecord, _ environment: EnvironmentRecord
    ) async throws -> String {
        if number == nil, let reference = environment.snapshotRef { return reference }
        let snapshots = try await store.snapshots(of: task.id).filter { $0.host == HostIdentity.hostname }
        // Without a number the newest with files: what is left of a vanished worktree must be asked for.
        let found = snapshots.first { number == nil ? $0.reason != .vanished : $0.number == number }
        if let found { return found.ref }
        if let number {
            throw EngineError(
                .wrongState, "task \(task.number) has no snapshot \(number)",
                hint: "see runner snapshots \(task.number)")
        }
        throw EngineError(
            .wrongState, "task \(task.number) has no snapshot", hint: "its branch is \(environment.branch)")
    }

    /// Moves the directory back from the trash; false when it is not there any more.
    private func takeBack(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ reference: String
    ) async throws -> Bool {
        guard environment.removal == .trashed, let trash = environment.trashPath else { return false }
        let recorded = try await janitor.identity(of: environment)
        return try await lane.run {
            // A crash may have come after the move.
            if let recorded, (try? DirectoryIdentity(of: worktree.path)) != recorded {
                guard (try? DirectoryIdentity(of: trash)) == recorded else { return false }
                guard !Janitor.isAnythingAt(worktree.path) else { throw Workspace.taken(worktree.path) }
                try Trash.move(from: trash, to: worktree.path, expected: recorded)
            } else if recorded == nil {
                return false
            }
            // A look at it in the trash may have been killed, and has left its own.
            let inTrash = Worktree(hub: worktree.hub, name: worktree.name, path: trash)
            if inTrash.isAdminHere { try inTrash.removeAdmin() }
            if access(worktree.adminPath, F_OK) != 0 { try Snapshot.restoreAdmin(reference, of: worktree) }
            Workspace.restoreMode(of: worktree, from: reference)
            return true
        }
    }

    /// A directory without the right to write was given it for the move.
    private static func restoreMode(of worktree: Worktree, from reference: String) {
        guard let manifest = try? Snapshot.describe(hub: worktree.hub, reference: reference),
            let root = manifest.entries.first(where: { $0.area == .worktree && $0.path.isEmpty })
        else { return }
        let directory = runner_open(worktree.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard directory >= 0 else { return }
        fchmod(directory, mode_t(root.permissions))
        Glibc.close(directory)
    }

    private func writeOut(_ reference: String, to worktree: Worktree) async throws -> Int {
        try await lane.run {
            do {
                return try Snapshot.restore(reference, to: worktree).files
            } catch let error as GitError where error.code == .exists {
                // A restore that was killed after it had put the folder in place; nobody could have used it since.
                if worktree.verifyLink() { return 0 }
                throw Workspace.taken(worktree.path)
            }
        }
    }

    private static func taken(_ path: String) -> EngineError {
        EngineError(.wrongState, "there is something at \"\(path)\" already", hint: "move it away first")
    }

    private static func freeName(for task: Int, in hub: Hub) throws -> String {
        for number in 1...1000 {
            let name = RestoredCopy.name(task: task, number)
            if access("\(hub.path)/worktrees/\(name)", F_OK) != 0 { return name }
        }
        throw EngineError(
            .internalFault, "no free name for a restored worktree", hint: "run git worktree prune in the clone")
    }
}
