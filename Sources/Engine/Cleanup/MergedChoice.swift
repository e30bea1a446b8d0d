import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// Picks the environments whose work is in their target branch, and nothing of it only in the worktree.
struct MergedChoice: Sendable {
    let workspace: Workspace
    let offline: Bool

    typealias Found = (environment: EnvironmentRecord, taskNumber: Int)

    /// Those that are merged, and why each other one is not.
    func split(_ environments: [Found]) async throws -> (merged: [Found], others: [CleanupReport]) {
        var merged: [Found] = []
        var others: [CleanupReport] = []
        for (id, group) in Dictionary(grouping: environments, by: \.environment.repositoryID) {
            var repository = try await workspace.store.repository(id)
            var note: String?
            if !offline {
                do {
                    repository = try await workspace.repositories.fetch(repository) { _ in }
                } catch {
                    note = "(\(error); judged by what was fetched last)"
                }
            }
            let target = MergedTarget(of: repository)
            let hub = Hub(path: workspace.home.hub(id.description))
            let verdicts = try await workspace.lane.run { try MergedChoice.judge(group, hub, target) }
            for (found, problem) in zip(group, verdicts) {
                guard let problem else {
                    merged.append(found)
                    continue
                }
                var report = CleanupReport(
                    task: found.taskNumber, path: found.environment.worktreePath, branch: found.environment.branch,
                    outcome: .kept)
                report.reasons = [problem] + (note.map { [$0] } ?? [])
                others.append(report)
            }
        }
        return (merged.sorted { $0.taskNumber < $1.taskNumber }, others.sorted { $0.task < $1.task })
    }

    /// For each environment nil when it is merged, else why not.
    private static func judge(_ group: [Found], _ hub: Hub, _ target: MergedTarget) throws -> [String?] {
        let git = try hub.open()
        guard let commit = try git.reference(target.reference) else {
            return group.map { _ in "the clone has no branch \(target.name)" }
        }
        let search = try MergedSearch(hub: hub, target: commit)
        return try group.map { found in
            let environment = found.environment
            guard let tip = try git.reference("refs/heads/\(environment.branch)") else {
                return "its branch \(environment.branch) is gone"
            }
            guard try search.evidence(for: tip) != nil else { return "its branch is not merged into \(target.name)" }
            let worktree = environment.worktree(in: hub)
            guard worktree.directoryExists else { return nil }
            if let head = try worktree.open().head().commit, head != tip, try search.evidence(for: head) == nil {
                return "its HEAD is not merged into \(target.name)"
            }
            let dirty = try Status.dirtyPaths(worktree)
            guard let first = dirty.first else { return nil }
            return
                "it is merged, but '\(first)'\(dirty.count > 1 ? " and \(dirty.count - 1) more" : "") is not committed"
        }
    }
}
