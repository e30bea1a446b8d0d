import BlockingIO
import Foundation
import Git
import Glibc
package import RunnerCore
import Store

extension Workspace {
    /// The environments of a repository or of all, those with the earliest deadline first; removed ones on request.
    package func environments(
        repository: String?, all: Bool
    ) async throws -> [(environment: EnvironmentRecord, taskNumber: Int)] {
        let id: RepositoryID? =
            if let repository { try await repositories.registered(repository).id } else { nil }
        let present = EnvironmentStatus.allCases.filter { $0 != .terminated }
        let filter = EnvironmentFilter(statuses: all ? [] : present, repositoryID: id)
        return try await store.environments(filter).map { (environment: $0.0, taskNumber: $0.taskNumber) }
    }

    /// One environment with everything that speaks for and against its removal; what would keep it now comes last.
    package func explain(_ text: String) async throws -> (EnvironmentRecord, CleanupFacts, reasons: [String]) {
        let (environment, task) = try await environment(of: text)
        let facts = try await Explanation(workspace: self).facts(of: environment, task: task.number)
        let report = try await janitor.run(
            .these([(environment, taskNumber: task.number)]), dryRun: true, waits: false)
        return (environment, facts, report.first.map { $0.outcome == .removable ? [] : $0.reasons } ?? [])
    }

    /// Locks the worktree of a task against any removal, or unlocks it.
    package func setLock(_ text: String, locked: Bool, reason: String?) async throws -> EnvironmentRecord {
        let (environment, task) = try await environment(of: text)
        guard let changed = try await store.setLock(environment.id, locked: locked, reason: reason) else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) was removed",
                hint: "bring it back with: runner restore \(task.number)")
        }
        return changed
    }

    /// Takes note that a person moved the worktree of a task; the directory must be the very one that was recorded.
    package func relocate(_ text: String, to directory: String) async throws -> EnvironmentRecord {
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        try await janitor.settle()
        let (environment, task) = try await environment(of: text)
        try checkIsHere(environment, of: task, hint: "run runner env relocate there")
        guard environment.status == .idle || environment.removal == .vanished else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) is \(environment.status.rawValue)",
                hint: "only an idle or vanished one can be relocated")
        }
        let old = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
        let path = try Workspace.plainPath(directory)
        let recorded = try await janitor.identity(of: environment)
        try await lane.run {
            guard path != old.path, !Janitor.isAnythingAt(old.path) else {
                throw EngineError(
                    .wrongState, "the worktree of task \(task.number) is still at \"\(old.path)\"",
                    hint: "move it first, then say where to")
            }
            let moved = Worktree(hub: old.hub, name: old.name, path: path)
            guard moved.verifyLink(), try recorded == nil || DirectoryIdentity(of: path) == recorded else {
                throw EngineError(
                    .wrongState, "\"\(path)\" is not the worktree of task \(task.number)",
                    hint: "a copy is not taken for it; restore a snapshot with runner restore")
            }
            try moved.pointAdminHere()
            try moved.relinkSubmodules(of: old)
        }
        let retention = try await store.taskDetail(task.id).repository.settings.retention
        try await store.relocate(environment.id, to: path, adminName: old.name, retention: retention)
        try await store.recordEvent(
            task: task.id, kind: "environment.relocated",
            detail: .object(["from": .string(old.path), "to": .string(path)]))
        return try await store.environment(of: task.id) ?? environment
    }

    private func environment(of text: String) async throws -> (EnvironmentRecord, TaskRecord) {
        let task = try await store.task(matching: text)
        guard let environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) has no worktree", hint: nil)
        }
        return (environment, task)
    }

    /// The real path of a directory that is named without a link at its end.
    private static func plainPath(_ directory: String) throws -> String {
        let path = RunnerHome.absolute(directory)
        guard (try? DirectoryIdentity(of: path)) != nil, let real = realpath(path, nil) else {
            throw EngineError(.wrongState, "\"\(path)\" is no directory", hint: "name the folder that you moved it to")
        }
        defer { free(real) }
        return String(cString: real)
    }
}
