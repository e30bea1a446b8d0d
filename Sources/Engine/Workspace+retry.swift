import Foundation
package import RunnerCore
import Store

extension Workspace {
    /// Goes on with the newest run of a task from its first step without a good end, or from `step`.
    ///
    /// A worktree that was removed is restored first. A run that waits at a budget, its own raised to `budget`, goes on
    /// where it is.
    package func retry(
        _ text: String, from step: String?, budget: Budget? = nil, progress: @escaping ProgressHandler,
        cancellation: Cancellation
    ) async throws -> RunResult {
        try checkTools()
        let foreground = ForegroundRun(
            workspace: self, client: "retry", progress: progress, cancellation: cancellation)
        if let run = try await runAtBudget(text, from: step, raisedTo: budget) {
            return try await foreground.run(run.id, fence: run.fence + 1) { try await resumed(run, owner: $0) }
        }
        let (task, run, restart) = try await restartable(text, from: step)
        try checkAgents(of: run, restart)
        if let budget { try await store.setBudget(budget, of: run.id) }
        return try await foreground.run(run.id, fence: run.fence + 1) { session in
            try await reopened(run, task, restart, owner: session, progress: progress)
        }
    }

    /// The same, but the run is left to the daemon of this host, which is started where none serves.
    package func retryDetached(
        _ text: String, from step: String?, budget: Budget? = nil, progress: @escaping ProgressHandler
    ) async throws -> TaskRecord {
        try checkTools()
        try await BackgroundDaemon(workspace: self).checkPossible()
        if let run = try await runAtBudget(text, from: step, raisedTo: budget) {
            _ = try await resumed(run, owner: nil)
            _ = try await BackgroundDaemon(workspace: self).ensure()
            return try await store.taskDetail(run.taskID).task
        }
        let (task, run, restart) = try await restartable(text, from: step)
        try checkAgents(of: run, restart)
        if let budget { try await store.setBudget(budget, of: run.id) }
        _ = try await reopened(run, task, restart, owner: nil, progress: progress)
        _ = try await BackgroundDaemon(workspace: self).ensure()
        return task
    }

    /// Makes an ended task wait until it is its turn in a batch again.
    func retryParked(_ text: String, progress: @escaping ProgressHandler) async throws {
        let (task, run, restart) = try await restartable(text, from: nil)
        _ = try await reopened(run, task, restart, owner: nil, isParked: true, progress: progress)
    }

    func restartable(
        _ text: String, from step: String?
    ) async throws -> (TaskRecord, RunRecord, RunState.Restart) {
        let (task, newest) = try await endedRun(text)
        var run = newest
        if try RunContext(run.context).continuation != nil, step != nil || run.status == .completed {
            // What was told to its agent went well: the task's workflow goes on with it.
            let runs = try await store.taskDetail(task.id).runs
            run = try runs.last { try RunContext($0.context).continuation == nil } ?? run
        }
        return (task, run, try await restart(run, from: step))
    }

    /// A task and its newest run, which must have ended.
    func endedRun(_ text: String) async throws -> (TaskRecord, RunRecord) {
        let task = try await store.task(matching: text)
        guard let run = try await store.latestRun(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) has no run", hint: nil)
        }
        guard run.status.isTerminal else {
            throw EngineError(
                .wrongState, "task \(task.number) is \(run.status.rawValue)",
                hint: "cancel it first: runner cancel \(task.number)")
        }
        return (task, run)
    }

    /// Queues the run again, with its worktree in place; no janitor works meanwhile.
    private func reopened(
        _ run: RunRecord, _ task: TaskRecord, _ restart: RunState.Restart, owner: SessionID?,
        isParked: Bool = false, progress: ProgressHandler
    ) async throws -> RunRecord {
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        try await restoreForRun(task, progress: progress)
        let steps = try await store.steps(of: run.id)
        let reset = steps.filter { restart.reset.contains($0.key) }.map(\.id)
        let anew = steps.filter { restart.anew.contains($0.key) }.map(\.id)
        do {
            return try await store.reopenRun(
                run.id, resetting: reset, anew: anew, context: try await freshLimit(of: run), owner: owner,
                isParked: isParked)
        } catch StoreError.runNotEnded {
            throw EngineError(
                .wrongState, "task \(task.number) has been taken up by another command just now",
                hint: "follow it: runner log \(task.number) --follow")
        }
    }

    /// The context of a run that has a time limit, with that beginning anew; nil for others, where nothing changes.
    private func freshLimit(of run: RunRecord) async throws -> JSONValue? {
        guard try run.definition().timeout != nil else { return nil }
        // Read again: a budget may have been raised since.
        var context = try RunContext(try await store.run(run.id).context)
        context.reopenedAt = Date().timeIntervalSince1970
        return try context.json()
    }

    /// Brings a removed worktree back before a run goes on in it; the caller holds the janitor's lock.
    func restoreForRun(_ task: TaskRecord, progress: ProgressHandler) async throws {
        try await janitor.settle()
        guard let environment = try await store.environment(of: task.id) else { return }
        try checkIsHere(
            environment, of: task,
            hint: "go on with it there; if that host is gone: runner takeover \(task.number)")
        guard environment.status == .terminated, environment.snapshotRef != nil else { return }
        progress(.preparing("restoring the worktree"))
        _ = try await restoreLocked(task)
    }

    /// Refuses what a start would refuse too, before a run that has ended well becomes one that failed.
    private func checkAgents(of run: RunRecord, _ restart: RunState.Restart) throws {
        let context = try RunContext(run.context)
        // A replay needs no agent.
        guard context.replay == nil else { return }
        var definition = try run.definition()
        definition.steps.removeAll { !restart.reset.contains($0.id) }
        try context.agents.check(definition, path: settings.environment["PATH"])
    }

    private func restart(_ run: RunRecord, from step: String?) async throws -> RunState.Restart {
        let definition = try run.definition()
        let attempts = Dictionary(grouping: try await store.attempts(of: run.id), by: \.stepID)
        let recorded = try await store.steps(of: run.id).map { step in
            let tries = attempts[step.id] ?? []
            return StepState(
                key: step.key, status: step.status, attempts: tries.count,
                outcome: tries.max { $0.number < $1.number }?.status, turn: step.turn)
        }
        do {
            return try RunState(workflow: definition, steps: recorded).restarting(from: step)
        } catch {
            throw EngineError(.wrongState, error.description, hint: nil)
        }
    }
}
