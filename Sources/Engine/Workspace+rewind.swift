import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

extension Workspace {
    /// Takes the worktree and the branch of an ended run back to where they were when `step` had succeeded.
    ///
    /// What is there now is saved first, in a verified snapshot; a worktree that was removed is restored before that.
    /// The files are those of the step's checkpoint; what no checkpoint holds, such as ignored files, stays as it is.
    /// The run's record does not change: `retry` with `from` goes on from here.
    package func rewind(_ text: String, to step: String, progress: ProgressHandler) async throws -> RewoundTask {
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        try await janitor.settle()
        let (task, last) = try await endedRun(text)
        let run = try await store.latestRun(of: task.id, having: step) ?? last
        let target = try await target(step, of: run, task)
        guard var environment = try await store.environment(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) never had a worktree", hint: nil)
        }
        if environment.status == .terminated {
            progress(.preparing("restoring the worktree"))
            environment = try await restoreLocked(task)
        }
        let worktree = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
        try await check(environment, worktree, task)
        progress(.preparing("saving what is there"))
        let report = try await saveBeforeRewind(environment, worktree, task)
        progress(.preparing("going back to \(step)"))
        let branch = environment.branch
        let known = ObjectID(environment.baseCommit)
        let base = try await lane.run { () -> ObjectID? in
            let signature = CommitAuthor.runner.signature(at: Date())
            let now = try Checkpoint.write(
                worktree: worktree, message: "before going back to \(step)", author: signature, committer: signature)
            try worktree.rewind(
                from: now.commit, to: target.checkpoint, branch: branch, tip: target.tip,
                log: "reset: back to step \(step)")
            // A rebase since then has moved the base.
            return try known.flatMap { try worktree.hub.open().mergeBase($0, target.tip) }
        }
        try await store.setHead(environment.id, commit: target.tip.hex, base: base?.hex)
        let number = Janitor.number(of: report.reference)
        try await store.recordEvent(
            task: task.id, kind: "task.rewound",
            detail: .object([
                "step": .string(step), "commit": .string(target.checkpoint.hex), "snapshot": .integer(number),
            ]))
        return RewoundTask(
            task: task.number, step: step, checkpoint: target.checkpoint.hex, tip: target.tip.hex, snapshot: number,
            notSaved: report.notSaved.map(\.sentence),
            // A retry is one of the newest run.
            next: run.id == last.id ? target.next : nil)
    }

    private struct RewindTarget: Sendable {
        let checkpoint: ObjectID
        let tip: ObjectID
        let next: String?
    }

    private func target(_ key: String, of run: RunRecord, _ task: TaskRecord) async throws -> RewindTarget {
        let steps = try await store.steps(of: run.id)
        guard let index = steps.firstIndex(where: { $0.key == key }) else {
            let guess = Suggestion.closest(to: key, among: steps.map(\.key))
            throw EngineError(
                .wrongState, "task \(task.number) has no step \"\(key)\"",
                hint: guess.map { "did you mean \"\($0)\"?" } ?? "see runner steps \(task.number)")
        }
        let attempts = try await store.attempts(of: run.id).sorted { $0.startedAt < $1.startedAt }
        guard
            let last = attempts.lastIndex(where: { isGoodEnd($0, of: steps[index]) }),
            let checkpoint = attempts[last].commitAfter.flatMap({ ObjectID($0) })
        else {
            throw EngineError(
                .wrongState,
                "the step \"\(key)\" of task \(task.number) has not succeeded, so it has no end to go back to",
                hint: "see runner steps \(task.number)")
        }
        // Where the branch was when the next attempt began. After the last one: a step that succeeded ends on the branch.
        let after = attempts[(last + 1)...].lazy.compactMap { $0.branchBefore.flatMap { ObjectID($0) } }.first
        return RewindTarget(
            checkpoint: checkpoint, tip: after ?? checkpoint,
            // A retry begins with a step at the top; one inside a group is repeated with it.
            next: steps[index].parentID != nil
                ? StepPath(key).components[0].id : steps[(index + 1)...].first { $0.parentID == nil }?.key)
    }

    /// A failure that the workflow accepts is a good end, too.
    private func isGoodEnd(_ attempt: AttemptRecord, of step: StepRecord) -> Bool {
        attempt.stepID == step.id && attempt.commitAfter != nil
            && (attempt.status == .succeeded || step.status == .succeeded)
    }

    private func check(_ environment: EnvironmentRecord, _ worktree: Worktree, _ task: TaskRecord) async throws {
        try checkIsHere(environment, of: task, hint: "run runner rewind there")
        guard worktree.directoryExists, worktree.verifyLink() else {
            throw EngineError(
                .wrongState, "the worktree of task \(task.number) is not at \"\(worktree.path)\"",
                hint: "if you moved it: runner env relocate \(task.number) <folder>")
        }
    }

    private func saveBeforeRewind(
        _ environment: EnvironmentRecord, _ worktree: Worktree, _ task: TaskRecord
    ) async throws -> SnapshotReport {
        let number = task.number
        let report = try await lane.run {
            try Snapshot.saveVerified(
                SnapshotRequest(
                    worktree: worktree, reference: try Janitor.freeReference(task: number, hub: worktree.hub),
                    signature: CommitAuthor.runner.signature(at: Date()),
                    message: "snapshot of task \(number) before it goes back to an earlier step"))
        }
        try await janitor.record(report, of: environment, reason: .rewind)
        return report
    }
}
