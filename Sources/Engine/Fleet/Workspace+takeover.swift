import Foundation
import RunnerCore
import Store

extension Workspace {
    /// Goes on here with a task whose host is gone, in this process, to the end of its run.
    ///
    /// Refused while that host still works on it. Everything is fetched and checked before the run is taken. A run that
    /// failed or was cancelled there is tried again from its first step without a good end.
    package func takeOver(
        _ text: String, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> RunResult {
        let task = try await store.task(matching: text)
        let detail = try await store.taskDetail(task.id)
        guard let run = try await store.latestRun(of: task.id), let environment = detail.environment else {
            throw EngineError(
                .wrongState, "task \(task.number) has no worktree on any host yet", hint: "any worker will begin it")
        }
        if run.status == .completed {
            throw EngineError(.wrongState, "task \(task.number) is completed", hint: nil)
        }
        try await takeover.check(detail, run)
        if let owner = run.ownerSessionID, try await store.isAlive(owner) {
            throw EngineError(
                .wrongState, "task \(task.number) is being worked on by the host \"\(environment.host)\"",
                hint: "cancel it with runner cancel \(task.number), or wait until that host's lease is over")
        }
        try checkTools()
        try await cancellation.guarded { [self] in try await takeover.fetch(detail, run, progress: progress) }
        let foreground = ForegroundRun(
            workspace: self, client: "takeover", progress: progress, cancellation: cancellation)
        return try await foreground.run(run.id, fence: run.fence + 1) { session in
            if run.status.isTerminal { return try await reopenedElsewhere(run, text, owner: session) }
            guard let taken = try await store.takeOverRun(run.id, for: session, silence: nil) else {
                throw EngineError(
                    .wrongState, "task \(task.number) is being worked on again", hint: "see runner show \(task.number)")
            }
            return taken
        }
    }

    private func reopenedElsewhere(_ run: RunRecord, _ text: String, owner: SessionID) async throws -> RunRecord {
        let (_, _, restart) = try await restartable(text, from: nil)
        let steps = try await store.steps(of: run.id)
        let reset = steps.filter { restart.reset.contains($0.key) }.map(\.id)
        let anew = steps.filter { restart.anew.contains($0.key) }.map(\.id)
        return try await store.reopenRun(run.id, resetting: reset, anew: anew, owner: owner)
    }
}
