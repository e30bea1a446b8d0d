import BlockingIO
import CPlatform
package import Foundation
import Git
import Glibc
package import RunnerCore
import Store

extension Workspace {
    /// Removes the worktrees that a request picks, or says why each is kept.
    package func clean(_ request: CleanRequest) async throws -> [CleanupReport] {
        var records: [TaskRecord] = []
        for text in request.tasks { records.append(try await store.task(matching: text)) }
        _ = try await rescuer.runOnce()
        var others: [CleanupReport] = []
        var choice = Janitor.Choice.due
        if !records.isEmpty {
            choice = .these(try await environments(of: records))
        } else if request.merged || request.olderThan != nil {
            var chosen = try await candidates(request)
            if request.merged {
                (chosen, others) = try await MergedChoice(workspace: self, offline: request.offline).split(chosen)
            }
            choice = .these(chosen)
        }
        if !request.dryRun, request.tasks.isEmpty { try await expireLogs() }
        let reports = try await janitor.run(
            choice, dryRun: request.dryRun, waits: true, explains: request.explains)
        if !request.dryRun { tidyInBackground(always: try janitor.settings().undoWindow == .zero) }
        return reports + others
    }

    private func environments(of tasks: [TaskRecord]) async throws -> [(EnvironmentRecord, taskNumber: Int)] {
        var found: [(EnvironmentRecord, taskNumber: Int)] = []
        for task in tasks {
            guard let environment = try await store.environment(of: task.id) else {
                throw EngineError(.wrongState, "task \(task.number) has no worktree", hint: nil)
            }
            found.append((environment, task.number))
        }
        return found
    }

    private func candidates(_ request: CleanRequest) async throws -> [(environment: EnvironmentRecord, taskNumber: Int)]
    {
        let filter = EnvironmentFilter(host: HostIdentity.hostname, dueOnly: request.due, statuses: [.idle])
        let idle = try await store.environments(filter).map { (environment: $0.0, taskNumber: $0.taskNumber) }
        guard let age = request.olderThan else { return idle }
        let limit = Date() - age.inSeconds
        return idle.filter { found in
            guard found.environment.lastAccessed < limit else { return false }
            let survey = try? DirectorySurvey(of: found.environment.worktreePath)
            return survey?.newestChange.map { $0.moment < limit } ?? true
        }
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
    ///
    /// Does nothing where a daemon serves, which does all this by itself.
    package func tidyInPassing() async {
        let daemon = BackgroundDaemon(workspace: self)
        if (try? await daemon.serving()) != nil { return }
        await daemon.startForWaitingWork()
        _ = try? await janitor.run(.due, dryRun: false, waits: false, limit: 2)
        await expireLogsInPassing()
        tidyInBackground(always: false)
    }

    /// One whole round of the janitor: due worktrees, trash, snapshots, quotas, clones. What the daemon calls, and the
    /// process that a command leaves behind.
    @discardableResult
    package func tidy() async throws -> [CleanupReport] {
        let reports = try await janitor.run(.due, dryRun: false, waits: false)
        try await Housekeeping(workspace: self).runOnce()
        return reports
    }

    /// Leaves the deletion of what is in the trash, and all other housekeeping, to a process of its own.
    func tidyInBackground(always: Bool) {
        guard always || Housekeeping(workspace: self).isDue else { return }
        Leftover.start(["tidy"], home: home, environment: settings.environment)
    }

    /// Moves the deadline of a task's worktree; `length` nil keeps it until a person says otherwise.
    package func keep(_ text: String, for length: Duration?) async throws -> EnvironmentRecord {
        let task = try await store.task(matching: text)
        guard let environment = try await store.environment(of: task.id), environment.status != .terminated else {
            throw EngineError(.wrongState, "task \(task.number) has no worktree to keep", hint: nil)
        }
        guard let moved = try await store.setDeadline(environment.id, after: length, keepForever: length == nil) else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) was removed a moment ago",
                hint: "bring it back with: runner restore \(task.number)")
        }
        return moved
    }

    /// The moment to which use of a worktree can move its deadline at most; nil without a deadline.
    package func latestCleanup(of environment: EnvironmentRecord) throws -> Date? {
        Janitor.latest(environment, try janitor.settings())
    }

    /// A task's snapshots on all hosts, the newest first.
    package func snapshots(_ text: String) async throws -> [SnapshotRecord] {
        try await store.snapshots(of: try await store.task(matching: text).id)
    }

    /// The environment of a task whose worktree is there.
    package func worktree(of text: String) async throws -> EnvironmentRecord {
        let task = try await store.task(matching: text)
        guard let environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) has no worktree yet", hint: nil)
        }
        try checkIsHere(environment, of: task)
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
