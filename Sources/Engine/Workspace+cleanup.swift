import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
package import RunnerCore
import Store

extension Workspace {
    /// Removes the worktrees of the named tasks, or all whose deadline has passed.
    package func clean(_ tasks: [String], dryRun: Bool) async throws -> [CleanupReport] {
        var records: [TaskRecord] = []
        for text in tasks { records.append(try await store.task(matching: text)) }
        try await rescuer.runOnce()
        if !dryRun, tasks.isEmpty { try await expireLogs() }
        return try await janitor.run(records, dryRun: dryRun, waits: true)
    }

    /// At most once an hour on a host, a bounded number of attempts; never fails.
    func expireLogsInPassing() async {
        let stamp = home.root + "/logs.expired"
        var info = stat()
        if stat(stamp, &info) == 0, Date().timeIntervalSince1970 - Double(info.st_mtim.tv_sec) < 3600 { return }
        let file = runner_open(stamp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        // An opened file that had no bytes keeps its time.
        futimens(file, nil)
        Glibc.close(file)
        _ = try? await store.expireLogs(fallback: RepositorySettings.defaultLogRetentionDays)
    }

    /// Removes stored output whose time is over; returns of how many attempts.
    @discardableResult
    package func expireLogs() async throws -> Int {
        var count = 0
        while true {
            let expired = try await store.expireLogs(fallback: RepositorySettings.defaultLogRetentionDays)
            count += expired
            if expired == 0 { return count }
        }
    }

    /// Removes a few due worktrees without being asked; never fails, never waits for another janitor.
    package func tidyInPassing() async {
        await BackgroundDaemon(workspace: self).startForWaitingWork()
        _ = try? await janitor.run([], dryRun: false, waits: false, limit: 2)
        await expireLogsInPassing()
    }

    /// Moves the deadline of a task's worktree; `length` nil keeps it until a person says otherwise.
    package func keep(_ text: String, for length: Duration?) async throws -> EnvironmentRecord {
        let task = try await store.task(matching: text)
        guard let environment = try await store.environment(of: task.id),
            let moved = try await store.setDeadline(environment.id, after: length, keepForever: length == nil)
        else {
            throw EngineError(.wrongState, "task \(task.number) has no worktree to keep", hint: nil)
        }
        return moved
    }

    /// Brings a removed worktree back, byte for byte, with a new deadline.
    package func restore(_ text: String) async throws -> EnvironmentRecord {
        let task = try await store.task(matching: text)
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        try await janitor.settle()
        return try await restoreLocked(task)
    }

    /// The same for a caller that holds the janitor's lock.
    func restoreLocked(_ task: TaskRecord) async throws -> EnvironmentRecord {
        guard let environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) never had a worktree", hint: nil)
        }
        guard environment.status == .terminated else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) is at \"\(environment.worktreePath)\"", hint: nil)
        }
        guard let reference = environment.snapshotRef else {
            throw EngineError(
                .wrongState, "task \(task.number) has no snapshot", hint: "its branch is \(environment.branch)")
        }
        guard environment.host == HostIdentity.hostname else {
            throw EngineError(
                .wrongState, "the snapshot of task \(task.number) is on the host \"\(environment.host)\"",
                hint: "run runner restore there")
        }
        let worktree = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
        let files = try await lane.run { () -> Int in
            do {
                return try Snapshot.restore(reference, to: worktree).files
            } catch let error as GitError where error.code == .exists {
                // A restore that was killed after it had put the folder in place; nobody could have used it since.
                if worktree.verifyLink() { return 0 }
                throw EngineError(
                    .wrongState, "there is something at \"\(worktree.path)\" already", hint: "move it away first")
            }
        }
        let identity = try DirectoryIdentity(of: worktree.path)
        try await store.setDirectory(environment.id, device: identity.device, inode: identity.inode)
        let retention = try await store.taskDetail(task.id).repository.settings.retention
        guard
            try await store.setEnvironmentStatus(
                environment.id, from: [.terminated], to: .idle, cleanupAfter: retention)
        else {
            throw EngineError(.wrongState, "another command restored task \(task.number) just now", hint: nil)
        }
        try await store.setSnapshot(environment.id, ref: nil)
        try await store.recordEvent(
            task: task.id, kind: "environment.restored",
            detail: .object(["files": .integer(files), "snapshot": .string(reference)]))
        return try await store.environment(of: task.id) ?? environment
    }

    /// The environment of a task whose worktree is there.
    package func worktree(of text: String) async throws -> EnvironmentRecord {
        let task = try await store.task(matching: text)
        guard let environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) has no worktree yet", hint: nil)
        }
        guard environment.status != .terminated else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) was removed",
                hint: "bring it back with: runner restore \(task.number)")
        }
        guard access(environment.worktreePath, F_OK) == 0 else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) is gone from \"\(environment.worktreePath)\"",
                hint: "its branch is \(environment.branch)")
        }
        try await store.touchEnvironment(environment.id)
        return environment
    }
}
