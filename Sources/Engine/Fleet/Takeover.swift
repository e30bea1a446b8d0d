import BlockingIO
import Crypto
import Foundation
import Git
import RunnerCore
import Store

/// Goes on here with a run whose host is gone for good, from the last checkpoint that the database keeps of it.
struct Takeover: Sendable {
    let workspace: Workspace

    private var store: Store { workspace.store }

    /// How long a host has to be silent before its runs are taken over by themselves.
    static func silence(_ settings: RunnerSettings) -> Duration {
        settings.environment["RUNNER_TAKEOVER_AFTER"].flatMap(DurationText.parse) ?? .seconds(600)
    }

    /// Throws one sentence when this host could not go on with the run; changes nothing.
    func check(_ detail: TaskDetail, _ run: RunRecord) async throws {
        let number = detail.task.number
        func refuse(_ reason: String, _ hint: String? = nil) -> EngineError {
            EngineError(.wrongState, "task \(number) cannot be taken over: \(reason)", hint: hint)
        }
        guard let environment = detail.environment else { return }
        if environment.host == HostIdentity.hostname {
            throw refuse("its worktree is on this host", "go on with runner retry \(number)")
        }
        guard !detail.repository.isLocal else {
            throw refuse("its repository is a folder on the host \"\(environment.host)\"")
        }
        let reached = try await lastCommit(of: run, environment)
        let pack = try await store.keptPack(of: run.id)
        if pack?.state == .tooLarge { throw refuse("its last checkpoint was too large to be kept in the database") }
        if pack == nil, reached != environment.baseCommit {
            throw refuse("no checkpoint of it was kept in the database")
        }
    }

    /// Brings origin and checkpoint into this host's hub; nothing of the run changes, and repeating it is harmless.
    func fetch(_ detail: TaskDetail, _ run: RunRecord, progress: @escaping ProgressHandler) async throws {
        let repository = try await workspace.repositories.fetch(detail.repository, progress: progress)
        let hub = Hub(path: workspace.home.hub(repository.id.description))
        guard let environment = detail.environment else { return }
        let base = environment.baseCommit
        let isThere = try await workspace.lane.run { try hub.has(base) }
        guard isThere else {
            throw EngineError(
                .wrongState,
                "task \(detail.task.number) cannot be taken over: its base commit \(base.prefix(10)) is gone from the"
                    + " origin", hint: nil)
        }
        if let pack = try await store.keptPack(of: run.id), pack.state == .complete {
            let bytes = try await store.packBytes(pack.id)
            guard Array(SHA256.hash(data: bytes)) == pack.sha256 else {
                throw EngineError(
                    .wrongState,
                    "task \(detail.task.number) cannot be taken over: the checkpoint in the database is damaged",
                    hint: "try again; it may just have been replaced")
            }
            try await workspace.lane.run {
                try hub.take(bytes)
                let git = try hub.open()
                for (name, commit) in pack.refs {
                    guard let id = ObjectID(commit), name.hasPrefix("refs/runner/") else { continue }
                    try git.setReference(name, to: id)
                }
            }
        }
        let reached = try await lastCommit(of: run, environment)
        guard try await workspace.lane.run({ try hub.has(reached) }) else {
            throw EngineError(
                .wrongState,
                "task \(detail.task.number) cannot be taken over: its host went away before it had kept its last"
                    + " checkpoint", hint: nil)
        }
    }

    /// The commit that the run has come to, by its records.
    private func lastCommit(of run: RunRecord, _ environment: EnvironmentRecord) async throws -> String {
        let ended = try await store.attempts(of: run.id)
            .filter { $0.commitAfter != nil }
            .max { ($0.finishedAt ?? .distantPast) < ($1.finishedAt ?? .distantPast) }
        return ended?.commitAfter ?? environment.baseCommit
    }

    /// The worktree here of a run that had it on another host, or whose move was interrupted; nil for any other.
    ///
    /// For the owner of the run.
    func environment(
        _ detail: TaskDetail, _ run: RunRecord, progress: @escaping ProgressHandler
    ) async throws -> EnvironmentRecord? {
        guard let known = detail.environment else { return nil }
        if known.host != HostIdentity.hostname {
            try await check(detail, run)
        } else {
            // One that was never finished has nothing in it, and its branch may be ahead of the base.
            guard try await store.directory(of: known.id) == nil, let pack = try await store.keptPack(of: run.id),
                pack.state == .complete
            else { return nil }
        }
        progress(.preparing("fetching the last checkpoint"))
        try await fetch(detail, run, progress: progress)
        return try await rebuild(detail, run, from: known)
    }

    /// Makes the worktree here that the run had on `old`'s host, at the tip of its branch, and gives it to the run.
    ///
    /// For the owner of the run, after `fetch`. The old worktree, if its host ever comes back, gets a deadline there
    /// like any other. Throws `StoreError.fenced` for a replaced owner.
    func rebuild(_ detail: TaskDetail, _ run: RunRecord, from old: EnvironmentRecord) async throws -> EnvironmentRecord
    {
        let hub = Hub(path: workspace.home.hub(detail.repository.id.description))
        let head = try await store.keptPack(of: run.id)?.headCommit ?? old.baseCommit
        guard let tip = ObjectID(head), let base = ObjectID(old.baseCommit) else {
            throw EngineError(.internalFault, "task \(detail.task.number) has no base commit", hint: nil)
        }
        let reached = ObjectID(try await lastCommit(of: run, old))
        try await giveUpOwn(of: detail.task, branch: old.branch, hub)
        let name = old.worktreePath.split(separator: "/").last.map(String.init) ?? "\(detail.task.number)"
        let record = try await store.createEnvironment(
            EnvironmentRecord(
                repositoryID: detail.repository.id, taskID: detail.task.id, host: HostIdentity.hostname,
                worktreePath: "\(workspace.home.worktrees)/\(detail.repository.name)/\(name)", branch: old.branch,
                baseCommit: base.hex, headCommit: tip.hex),
            run: run.id, fence: run.fence)
        _ = try await PortBlock(store: store, host: record.host).lease(for: record.id)
        let sparse = detail.repository.settings.sparsePatterns
        try await LargeFiles(repositories: workspace.repositories, repository: detail.repository)
            .fetch(reached ?? tip, progress: { _ in })
        try await workspace.lane.run {
            try hub.open().setReference("refs/runner/\(detail.task.number)/base", to: base)
            let worktree = try Worktree.add(
                hub: hub, name: name, path: record.worktreePath, branch: old.branch, base: tip,
                sparse: sparse)
            // What a step that failed had left beside the branch is part of what the next one finds.
            guard reached != tip, let saved = reached else { return }
            try worktree.rewind(from: tip, to: saved, branch: old.branch, tip: tip)
        }
        try await Submodules(repositories: workspace.repositories, repository: detail.repository)
            .bring(to: record.worktree(in: hub), at: reached ?? tip, progress: { _ in })
        let identity = try DirectoryIdentity(of: record.worktreePath)
        try await store.setDirectory(record.id, device: identity.device, inode: identity.inode)
        guard try await store.setEnvironmentStatus(record.id, from: [.initializing], to: .running) else {
            throw EngineError(
                .wrongState, "the environment of task \(detail.task.number) was taken over", hint: nil)
        }
        _ = try await store.setEnvironmentStatus(
            old.id, from: [.initializing, .running, .testing], to: .idle,
            cleanupAfter: detail.repository.settings.retention)
        try await store.recordEvent(
            task: detail.task.id, kind: "run.taken_over",
            detail: .object([
                "run": .integer(run.number), "from": .string(old.host), "to": .string(HostIdentity.hostname),
                "commit": .string(head),
            ]))
        return try await store.environment(of: detail.task.id) ?? record
    }

    /// A run that comes back to a host where it was before: what it had here is saved and makes room.
    private func giveUpOwn(of task: TaskRecord, branch: String, _ hub: Hub) async throws {
        let mine = try await store.environments(EnvironmentFilter(host: HostIdentity.hostname))
            .map(\.0).filter { $0.taskID == task.id && $0.status != .terminated }
        for environment in mine {
            if try await store.directory(of: environment.id) == nil {
                try await workspace.environments.discard(environment)
                continue
            }
            let report = try await workspace.janitor.remove(environment, of: task)
            guard report.outcome == .removed || report.outcome == .vanished else {
                throw EngineError(
                    .wrongState,
                    "task \(task.number) has an older worktree at \"\(environment.worktreePath)\" that cannot be removed: "
                        + report.reasons.joined(separator: "; "),
                    hint: nil)
            }
        }
        try await workspace.lane.run {
            let git = try hub.open()
            guard let tip = try git.reference("refs/heads/\(branch)") else { return }
            // Whatever the branch had here stays reachable.
            try git.setReference("refs/runner/\(task.number)/left/\(tip.short)", to: tip)
            try git.deleteReference("refs/heads/\(branch)", expecting: tip)
        }
    }
}

extension Workspace {
    var takeover: Takeover { Takeover(workspace: self) }
}
