import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// Carries one claimed run from where it stands to its end.
struct RunExecutor: Sendable {
    let workspace: Workspace
    let progress: ProgressHandler
    let cancellation: Cancellation

    /// Executes the run and records its end, also when something breaks on the way.
    ///
    /// `state` is where its steps stand; nil for a run that has not begun.
    func execute(_ run: RunRecord, from state: RunState? = nil) async throws -> RunResult {
        let detail = try await workspace.store.taskDetail(run.taskID)
        do {
            let walk = try await prepared(run, detail, state)
            var steps = RunWalk(executor: self, setting: walk)
            return try await steps.run()
        } catch let error as StoreError {
            // Fenced: somebody else owns the run now, and what happens to it is theirs to record.
            if case .fenced = error { throw error }
            throw try await failed(run, detail, error)
        } catch {
            throw try await failed(run, detail, error)
        }
    }

    private func prepared(_ run: RunRecord, _ detail: TaskDetail, _ state: RunState?) async throws -> RunSetting {
        let definition = try WorkflowParser.parse(
            run.workflowSource, file: run.workflowName, knownAgents: AgentCatalog.workflowNames)
        let context = try RunContext(run.context)
        var environment = run.environmentID == nil ? nil : try await usable(detail.environment)
        if environment == nil {
            progress(.preparing("making the worktree"))
            let start = ContinuousClock.now
            let made = try await workspace.environments.prepare(
                detail.task, run, on: detail.repository, base: context.base, progress: progress)
            environment = made
            let spent = ContinuousClock.now - start
            progress(.environmentReady(made, milliseconds: Int(spent / .milliseconds(1))))
        }
        guard var environment else {
            throw EngineError(.internalFault, "task \(detail.task.number) has no environment", hint: nil)
        }
        try await mend(environment, detail.repository)
        environment = try await workspace.environments.withPorts(environment)
        let author = await CommitAuthor.read(environment: workspace.settings.environment)
        return RunSetting(
            task: detail.task, repository: detail.repository, run: run, environment: environment,
            definition: definition, context: context, author: author,
            state: state ?? RunState(workflow: definition), steps: try await workspace.store.steps(of: run.id),
            facts: state == nil ? [:] : try await recordedFacts(run))
    }

    /// The environment of an earlier try, unless it was never finished: nothing ran in that one.
    ///
    /// One whose worktree was removed without a snapshot goes on at its last commit.
    private func usable(_ found: EnvironmentRecord?) async throws -> EnvironmentRecord? {
        guard let environment = found else { return nil }
        guard try await workspace.store.directory(of: environment.id) != nil else {
            try await workspace.environments.discard(environment)
            return nil
        }
        if environment.status == .terminated {
            _ = try await workspace.store.setEnvironmentStatus(environment.id, from: [.terminated], to: .running)
        }
        return environment
    }

    /// A step or a person may have damaged or removed the worktree since it was used last.
    private func mend(_ environment: EnvironmentRecord, _ repository: Repository) async throws {
        let worktree = environment.worktree(in: Hub(path: workspace.home.hub(repository.id.description)))
        let branch = environment.branch
        guard let tip = ObjectID(environment.headCommit ?? environment.baseCommit) else { return }
        let isThere = worktree.directoryExists
        try await workspace.lane.run {
            if isThere {
                _ = try worktree.repairAdmin(branch: branch, tip: tip)
            } else {
                try worktree.rebuildDirectory(branch: branch, tip: tip)
            }
        }
        guard !isThere else { return }
        let identity = try DirectoryIdentity(of: worktree.path)
        try await workspace.store.setDirectory(environment.id, device: identity.device, inode: identity.inode)
        progress(.note("the worktree was gone and was checked out again"))
    }

    /// What kept steps left for later ones to see, from their newest attempts.
    private func recordedFacts(_ run: RunRecord) async throws -> [String: StepFacts] {
        let steps = try await workspace.store.steps(of: run.id)
        let attempts = Dictionary(grouping: try await workspace.store.attempts(of: run.id), by: \.stepID)
        var facts: [String: StepFacts] = [:]
        for step in steps where step.status.isTerminal {
            guard let newest = attempts[step.id]?.max(by: { $0.number < $1.number }) else {
                facts[step.key] = StepFacts(status: step.status)
                continue
            }
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            var known =
                (try? decoder.decode(StepFacts.self, from: JSONEncoder().encode(newest.output)))
                ?? StepFacts(status: step.status)
            known.status = step.status
            facts[step.key] = known
        }
        return facts
    }

    /// Records the failure of the run itself and gives back the error to report.
    private func failed(_ run: RunRecord, _ detail: TaskDetail, _ error: any Error) async throws -> any Error {
        let cancelled = error is CancellationError || cancellation.level > .none
        let store = workspace.store
        let reason = Redaction.redactCredentials(in: "\(error)")
        // The record must be written also when this very task has been cancelled.
        let record = Task {
            try await store.finishRun(
                run.id, fence: run.fence, status: cancelled ? .cancelled : .failed,
                error: cancelled ? "cancelled" : reason, cleanupAfter: detail.repository.settings.retention)
        }
        _ = try? await record.value
        return cancelled ? CancellationError() : error
    }
}

extension RepositorySettings {
    /// How long a worktree stays after its run.
    var retention: Duration {
        retentionDays.map { .seconds($0 * 86_400) } ?? CleanupDeadline.defaultRetention
    }
}
