import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// Finds out what speaks for and against the removal of a worktree; changes nothing.
struct Explanation: Sendable {
    let workspace: Workspace

    /// Dirty paths that are named.
    private static let shown = 20

    func facts(of environment: EnvironmentRecord, task: Int, search: MergedTarget? = nil) async throws -> CleanupFacts {
        let repository = try await workspace.store.repository(environment.repositoryID)
        let worktree = environment.worktree(in: Hub(path: workspace.home.hub(repository.id.description)))
        let settings = try CleanupSettings(environment: workspace.settings.environment)
        let target = search ?? MergedTarget(of: repository)
        var facts =
            await workspace.lane.runCatching {
                let origin = repository.isLocal ? try? Repositories.origin(of: repository) : nil
                return try Explanation.gitFacts(environment, worktree, task: task, target: target, origin: origin)
            } ?? CleanupFacts()
        if environment.lockedAt != nil { facts.locked = environment.lockReason ?? "without a reason" }
        facts.sizeBytes = environment.sizeBytes
        facts.derivedBytes = environment.derivedBytes
        facts.dueAt = environment.kept ? nil : environment.dueAt
        facts.latest = environment.kept ? nil : Janitor.latest(environment, settings)
        return facts
    }

    private static func gitFacts(
        _ environment: EnvironmentRecord, _ worktree: Worktree, task: Int, target: MergedTarget,
        origin: LocalOrigin?
    ) throws -> CleanupFacts {
        var facts = CleanupFacts()
        let git = try worktree.hub.open()
        if let tip = try git.reference("refs/heads/\(environment.branch)") {
            facts.tip = tip.hex
            if let base = ObjectID(environment.baseCommit) {
                facts.commits = try git.count(from: base, to: tip)
            }
            for (name, id) in try git.references(matching: "refs/remotes/origin/*") {
                let isCandidate = name == target.reference || name.hasSuffix("/\(environment.branch)") || id == tip
                if isCandidate, try git.isDescendant(id, of: tip) {
                    facts.pushedTo.append(String(name.dropFirst("refs/remotes/".count)))
                }
            }
            // What somebody pushed to its path, the clone learns with the next fetch.
            for name in try origin?.branches(at: tip) ?? [] where !facts.pushedTo.contains("origin/\(name)") {
                facts.pushedTo.append("origin/\(name)")
            }
            // Where the branch is its base, whatever else begins there has nothing of the task.
            if facts.commits != 0 {
                for (name, id) in try git.references(matching: "refs/runner/\(task)/*")
                    + git.references(matching: "refs/heads/*")
                where name != "refs/heads/\(environment.branch)" && id == tip {
                    facts.heldBy.append(name)
                }
            }
            if facts.commits != 0, let commit = try git.reference(target.reference) {
                let found = try MergedSearch(hub: worktree.hub, target: commit).evidence(for: tip)
                facts.merged = found.map { $0.sentence(target: target.name) }
            }
        }
        if worktree.directoryExists {
            let dirty = try Status.dirtyPaths(worktree)
            facts.dirtyCount = dirty.count
            facts.dirtyPaths = dirty.prefix(shown).map(\.description)
            if let worker = Gates.worker(in: worktree.path) { facts.processes = [worker] }
        }
        return facts
    }
}
