import BlockingIO
import Foundation
import Git
import Glibc
import Postgres
import RunnerCore
import Store

/// Carries one claimed run from where it stands to its end, or to where it has to wait.
struct RunExecutor: Sendable {
    let workspace: Workspace
    let progress: ProgressHandler
    let control: RunControl
    /// The caller stays with a run that waits, and claims it again.
    let holdsWaits: Bool

    var cancellation: Cancellation { control.cancellation }

    /// Executes the run and records its end, also when something breaks on the way.
    ///
    /// Where it stands is read from the database, so that a crash, a takeover and a database that was away all go on in
    /// the same way.
    func execute(_ run: RunRecord) async throws -> RunEnd {
        var isAgain = false
        while true {
            do {
                let again = isAgain
                return try await control.whileStaying { try await once(run, again: again) }
            } catch {
                if let departure = control.departure { return try await left(departure) }
                if case .some(.fenced) = error as? StoreError {
                    control.leave(.taken)
                    return .left(.taken)
                }
                guard DatabaseAbsence.explains(error) else {
                    // What failed is what a newer program has changed meanwhile: that one goes on.
                    if (try? await workspace.store.isOutgrown()) == true {
                        control.leave(.released)
                        return try await left(.released)
                    }
                    let failure = try await failed(run, error)
                    if let departure = control.departure { return try await left(departure) }
                    throw failure
                }
                if DatabaseAbsence.isHeldUp(error) {
                    progress(.note("the database is held up by something else (\(error)); the run goes on after it"))
                } else if !(error is StaleOwnership) {
                    progress(.note("the database is away; the run goes on when it is back"))
                }
                guard try await waitForDatabase(error) else { return try await left(control.departure ?? .taken) }
                isAgain = true
            }
        }
    }

    private func once(_ claimed: RunRecord, again: Bool) async throws -> RunEnd {
        // Asking git takes as long as some questions to the database, so both are asked at once.
        let personal = Task { [environment = workspace.settings.environment] in
            await PersonalGit.read(environment: environment)
        }
        defer { personal.cancel() }
        var run = claimed
        if again {
            run = try await workspace.store.run(claimed.id)
            guard run.fence == control.fence else { throw StoreError.fenced(run.id) }
        }
        let detail = try await workspace.store.taskDetail(run.taskID)
        switch run.status {
        case .completed, .failed, .cancelled:
            // Given up by its claim.
            if run.takeovers > Store.maximumTakeovers { try await workspace.rescuer.stopProcesses(of: run) }
            return .ended(RunResult(task: detail.task, status: run.status, error: run.error, publishedBranch: nil))
        case .waiting: return .waiting(until: run.dueAt ?? Date())
        case .queued: throw StoreError.fenced(run.id)
        case .running: break
        }
        ChaosPoint.runClaimed.reach()
        if run.cancelRequestedAt != nil, cancellation.level == .none { cancellation.request() }
        guard run.takeovers <= Store.maximumTakeovers else { return try await givenUp(run, detail) }
        let own = Task { [environment = workspace.settings.environment, origin = detail.repository.originDirectory] in
            await PersonalGit.read(personal, within: origin, environment: environment)
        }
        defer { own.cancel() }
        var walk = RunWalk(executor: self, setting: try await prepared(run, detail, own))
        return try await walk.run()
    }

    /// A run that kills its workers is not handed out for ever.
    private func givenUp(_ run: RunRecord, _ detail: TaskDetail) async throws -> RunEnd {
        try await workspace.rescuer.stopProcesses(of: run)
        let reason =
            "its worker died \(run.takeovers) times without an attempt that finished; "
            + "look at runner log \(detail.task.number) and go on with runner retry"
        try await workspace.store.finishRun(
            run.id, fence: run.fence, status: .failed, error: reason,
            cleanupAfter: detail.repository.settings.retention)
        progress(.runFinished(.failed, error: reason))
        return .ended(RunResult(task: detail.task, status: .failed, error: reason, publishedBranch: nil))
    }

    private func prepared(
        _ run: RunRecord, _ detail: TaskDetail, _ asked: Task<PersonalGit, Never>
    ) async throws -> RunSetting {
        let definition = try run.definition()
        let context = try RunContext(run.context)
        async let recorded = workspace.store.steps(of: run.id)
        var (environment, isFresh) = try await environment(run, detail, context, asked)
        let personal = await asked.value
        let steps = try await recorded
        // Nothing was begun where there was no worktree yet.
        let attempts = run.environmentID == nil ? [] : try await workspace.store.attempts(of: run.id)
        let hasGates = steps.contains { $0.kind == "approval" }
        let approvals = hasGates ? try await workspace.store.approvals(of: run.id) : []
        if !isFresh {
            try await workspace.rescuer.stopEnded(
                attempts, ofOthersIn: detail.runs.map(\.id).filter { $0 != run.id })
        }
        // While a step may still be at work in it, a worktree is left as it is.
        if !attempts.contains(where: { $0.status == .running }) { try await mend(environment, detail.repository) }
        environment = try await workspace.environments.withPorts(environment)
        return RunSetting(
            task: detail.task, repository: detail.repository, run: run, environment: environment,
            definition: definition, context: context, author: personal.author,
            state: RunState(workflow: definition, steps: steps, attempts: attempts), steps: steps,
            attempts: attempts,
            facts: RunFacts.recorded(steps, attempts, approvals, context.fork),
            openAttempts: attempts.filter { $0.status == .running }, approvals: approvals,
            // Files that were copied in are no part of the base.
            isFresh: isFresh && (detail.repository.settings.copy ?? []).isEmpty)
    }

    private func environment(
        _ run: RunRecord, _ detail: TaskDetail, _ context: RunContext, _ personal: Task<PersonalGit, Never>
    ) async throws -> (EnvironmentRecord, isFresh: Bool) {
        if run.environmentID != nil {
            try await workspace.environments.follow(await personal.value, in: detail.repository)
            if let moved = try await workspace.takeover.environment(detail, run, progress: progress) {
                // This host may not have had a clone before.
                try await workspace.environments.follow(await personal.value, in: detail.repository)
                return (moved, false)
            }
            if let known = try await usable(detail.environment) { return (known, false) }
        }
        let repository = try await reachable(detail.repository, context)
        progress(.preparing("making the worktree"))
        let start = ContinuousClock.now
        let made = try await workspace.environments.prepare(
            detail.task, run, on: repository, context: context, personal: personal, progress: progress)
        progress(.environmentReady(made, milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1))))
        return (made, true)
    }

    /// A run that another host queued may need what this host has not fetched yet.
    private func reachable(_ repository: Repository, _ context: RunContext) async throws -> Repository {
        let hub = Hub(path: workspace.home.hub(repository.id.description))
        let isKnown = try await workspace.lane.run {
            guard access(hub.path, F_OK) == 0 else { return false }
            return try hub.open().hasCommit(context.baseCommit)
        }
        return isKnown ? repository : try await workspace.repositories.fetch(repository, progress: progress)
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
        switch environment.status {
        case .running, .testing: break
        case .initializing, .terminated, .idle, .cleaning:
            _ = try await workspace.store.setEnvironmentStatus(
                environment.id, from: [.initializing, .terminated, .idle], to: .running)
        }
        return environment
    }

    /// A step or a person may have damaged or removed the worktree since it was used last.
    private func mend(_ environment: EnvironmentRecord, _ repository: Repository) async throws {
        let worktree = environment.worktree(in: Hub(path: workspace.home.hub(repository.id.description)))
        let branch = environment.branch
        guard let tip = ObjectID(environment.headCommit ?? environment.baseCommit) else { return }
        if !worktree.hub.isWhole {
            _ = try await workspace.repositories.fetch(repository, progress: progress)
            progress(.note("the runner's clone was damaged, and was made anew from its origin"))
        }
        guard !worktree.directoryExists else {
            _ = try await workspace.lane.run {
                _ = worktree.repairAccess()
                _ = worktree.hub.repairAccess()
                _ = try worktree.hub.repairConfiguration()
                _ = worktree.hub.clearStaleLocks(branch: branch)
                _ = try worktree.repairAdmin(branch: branch, tip: tip)
                return try worktree.repairLink()
            }
            return
        }
        try await workspace.checkOutAgain(environment, worktree, at: tip, repository, progress: progress)
        progress(.note("the worktree was gone and was checked out again"))
    }
}
