import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Keeps worktrees and clones within their quotas: first goes what can be made again, then what is due.
struct DiskGovernor: Sendable {
    /// Begins the reason of everything that is done for room.
    static let reason = "quota"

    let workspace: Workspace
    let settings: CleanupSettings

    private typealias Found = (environment: EnvironmentRecord, taskNumber: Int)
    private var home: RunnerHome { workspace.home }
    private var store: Store { workspace.store }
    /// A size is measured again after this many seconds.
    private static let freshness: TimeInterval = 3600
    /// Worktrees that are measured in one round.
    private static let measuresPerRound = 50

    /// Measures what has not been measured lately, then brings each quota's use down. For the janitor's lock.
    func runOnce() async throws {
        try await measure()
        for repository in try await store.repositories() {
            guard let quota = repository.settings.quotaBytes else { continue }
            try await enforce(quota, of: "repository \(repository.name)", repository.id)
        }
        if let quota = settings.quotaBytes { try await enforce(quota, of: "this host", nil) }
    }

    private func present(_ repository: RepositoryID?) async throws -> [Found] {
        let filter = EnvironmentFilter(
            host: HostIdentity.hostname, statuses: [.idle, .running, .testing], repositoryID: repository)
        return try await store.environments(filter).map { ($0.0, $0.taskNumber) }
    }

    private func measure() async throws {
        let stale = try await present(nil).filter {
            $0.environment.measuredAt.map { Date().timeIntervalSince($0) > Self.freshness } ?? true
        }
        for found in stale.prefix(Self.measuresPerRound) { try await measure(found.environment) }
    }

    @discardableResult
    private func measure(_ environment: EnvironmentRecord) async throws -> DirectorySurvey? {
        let path = environment.worktreePath
        guard let survey = await workspace.lane.runCatching({ try DirectorySurvey(of: path) }) else { return nil }
        try await store.setSize(
            environment.id, bytes: survey.bytes, derived: survey.derived.reduce(0) { $0 + $1.bytes })
        return survey
    }

    /// Bytes that the worktrees, the trash and the clones of one repository, or of all, take.
    private func use(_ repository: RepositoryID?) async throws -> Int {
        let trashed = try await store.environments(
            EnvironmentFilter(host: HostIdentity.hostname, removals: [.trashed], repositoryID: repository))
        let worktrees = try await present(repository).map(\.environment) + trashed.map(\.0)
        var bytes = worktrees.reduce(0) { $0 + ($1.sizeBytes ?? 0) }
        let hubs = try await store.repositories().filter { repository == nil || $0.id == repository }
        for hub in hubs.map({ home.hub($0.id.description) }) {
            bytes += await workspace.lane.runCatching { try DirectorySurvey(of: hub).bytes } ?? 0
        }
        return bytes
    }

    private func enforce(_ quota: Int, of scope: String, _ repository: RepositoryID?) async throws {
        var excess = try await use(repository) - quota
        guard excess > 0 else { return }
        let why = "\(Self.reason) of \(scope): \(ByteText.format(quota + excess)) of \(ByteText.format(quota))"
        let idle = try await present(repository).filter { found in
            found.environment.status == .idle && !found.environment.kept && found.environment.lockedAt == nil
        }
        for found in idle.sorted(by: { $0.environment.derivedBytes ?? 0 > $1.environment.derivedBytes ?? 0 })
        where excess > 0 && found.environment.derivedBytes ?? 0 > 0 {
            excess -= try await trim(found.environment, why)
        }
        guard excess > 0 else { return }
        let due = idle.filter { $0.environment.dueAt.map { $0 <= Date() } ?? false }
        for found in due where excess > 0 {
            let removed = try await workspace.janitor.removeForRoom(found.environment, task: found.taskNumber, why)
            if removed { excess -= found.environment.sizeBytes ?? 0 }
        }
        try await Trasher(workspace: workspace).claimExpired()
    }

    /// Takes away the folders of an idle worktree that can be made again; returns the bytes.
    private func trim(_ environment: EnvironmentRecord, _ why: String) async throws -> Int {
        let worktree = workspace.janitor.worktree(of: environment)
        let expected = try await workspace.janitor.identity(of: environment)
        guard let survey = try await measure(environment) else { return 0 }
        let taken = try await workspace.lane.run { () -> [DirectorySurvey.Derived] in
            guard try workspace.janitor.refusals(worktree, expected, deep: false).isEmpty else { return [] }
            return survey.derived.filter { take($0, of: worktree) }
        }
        guard !taken.isEmpty else { return 0 }
        let bytes = taken.reduce(0) { $0 + $1.bytes }
        try await store.setSize(environment.id, bytes: survey.bytes - bytes, derived: 0)
        try await store.recordEvent(
            task: environment.taskID, kind: "environment.trimmed",
            detail: .object([
                "reason": .string(why), "bytes": .integer(bytes),
                "paths": .array(taken.map { .string("\($0.path) (made again from \($0.recipe))") }),
            ]))
        return bytes
    }

    /// Moves one folder to the trash, from where it is deleted at once; false when anything about it is unclear.
    private func take(_ folder: DirectorySurvey.Derived, of worktree: Worktree) -> Bool {
        guard (try? worktree.ignoresFolder(folder.path)) == true else { return false }
        let from = "\(worktree.path)/\(String(decoding: folder.path.bytes, as: UTF8.self))"
        let stamp = "\(worktree.name)-\(UUID().uuidString.prefix(8))"
        let to = TrashItem.path(in: home.trash, name: stamp, provenAt: Date()) + TrashItem.goneSuffix
        // The way is walked by descriptors, so that a link in it is noticed, and the move undone if one came since.
        guard (try? DirectoryPlace(from, beneath: worktree.path)) != nil else { return false }
        return (try? Trash.move(from: from, to: to, expected: folder.identity)) != nil
    }
}
