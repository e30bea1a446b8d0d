import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

extension RunWalk {
    /// The commit that holds the worktree as the run finds it, edits of the person's included, and the branch's tip.
    func currentCommits() async throws -> (commit: String, tip: String?) {
        let worktree = setting.environment.worktree(
            in: Hub(path: executor.workspace.home.hub(setting.repository.id.description)))
        let signature = setting.author.signature(at: Date())
        let fallback = setting.environment.headCommit ?? setting.environment.baseCommit
        let branch = setting.environment.branch
        return try await executor.workspace.lane.run {
            let checkpoint = try Checkpoint.write(
                worktree: worktree, message: "state before the run", author: signature, committer: signature)
            let repository = try worktree.open()
            let tip = try repository.reference("refs/heads/\(branch)")?.hex
            guard checkpoint.changed else { return (try repository.head().commit?.hex ?? fallback, tip) }
            return (checkpoint.commit.hex, tip)
        }
    }

    /// Keeps the folders that the set-up filled; that they cannot be kept is worth a note.
    func keepDependencies(_ job: StepJob) async {
        guard let scripts = setting.context.scripts, !scripts.dependencies.isEmpty, isUntouched else { return }
        let home = executor.workspace.home
        let folders = DependencyFolders(scripts, home: home, repository: setting.repository.id)
        let problems = await executor.workspace.lane.runCatching { try folders.keep(from: job.worktree(home)) }
        for problem in problems ?? [] { executor.progress(.note(problem)) }
    }

    /// Takes over what the attempt committed in submodules; that it cannot be is worth a note, for it is in the worktree.
    func keepSubmodules(_ job: StepJob, after attempt: AttemptRecord) async {
        guard let commit = attempt.commitAfter.flatMap({ ObjectID($0) }) else { return }
        let workspace = executor.workspace
        do {
            try await Submodules(repositories: workspace.repositories, repository: setting.repository)
                .keep(commit, of: job.worktree(workspace.home))
        } catch {
            executor.progress(.note("the submodules of this step's commit were not copied: \(error)"))
        }
    }

    /// Nothing but the set-up has run in the worktree, on a branch that no agent made.
    private var isUntouched: Bool {
        guard let base = setting.context.baseName, !base.hasPrefix("runner/"), setting.context.fork == nil else {
            return false
        }
        return setting.steps.allSatisfy {
            $0.key == setting.setupKey || ($0.status == .pending && $0.earlierAttempts == 0)
        }
    }

    /// Publishes and records the end; whoever does it again after a crash does the same.
    func finish(_ status: RunStatus, _ error: String?) async throws -> RunResult {
        var published: String?
        if !isEnded {
            try await executor.control.confirm()
            published = try await publish()
            ChaosPoint.runPublished.reach()
            let (store, run, retention) = (store, run, setting.repository.settings.retention)
            try await Task {
                try await store.finishRun(
                    run.id, fence: run.fence, status: status, error: error, cleanupAfter: retention)
            }.value
        }
        ChaosPoint.runFinished.reach()
        executor.progress(.runFinished(status, error: error))
        return RunResult(task: setting.task, status: status, error: error, publishedBranch: published)
    }

    /// A local origin gets the branch by itself.
    ///
    /// A candidate's branch is there for whoever looks into it; the winner's work is published by the run that forked.
    var publishes: Bool {
        setting.repository.isLocal && (setting.repository.settings.publish ?? .branch) == .branch
            && setting.context.replay == nil && setting.context.candidateOf == nil
    }

    /// That a branch cannot be published is worth a note, not a failed run.
    private func publish() async throws -> String? {
        guard publishes else { return nil }
        do {
            return try await executor.workspace.results.publish(
                setting.task, setting.repository, setting.environment, as: setting.environment.branch,
                progress: executor.progress
            ).branch
        } catch  where DatabaseAbsence.explains(error) || Task.isCancelled {
            throw error
        } catch {
            executor.progress(.note("\(error)"))
            return nil
        }
    }
}
