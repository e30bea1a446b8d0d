import BlockingIO
import Foundation
import Git
import RunnerCore

/// Turns what an attempt left in the worktree into commits: a checkpoint always, one on the branch where it counts.
struct AttemptCommit: Sendable {
    let job: StepJob
    let home: RunnerHome
    let lane: BlockingLane
    let author: CommitAuthor
    let control: RunControl
    /// The message of its commits, without trailers; nil: made from the step and the task.
    var text: String?

    /// The outcome of an attempt that has no process, with commits and counts.
    func outcome(
        _ status: AttemptStatus, _ facts: StepFacts, failureClass: FailureClass? = nil
    ) async throws -> StepOutcome {
        var attempt = job.attempt
        attempt.status = status
        attempt.error = facts.error
        attempt.failureClass = failureClass
        let result = StepResult(
            stepKey: job.step.id, status: status, failureClass: failureClass, error: facts.error)
        return try await commit(StepOutcome(attempt: attempt, tools: [], result: result, facts: facts))
    }

    /// Completes the outcome with commits and counts.
    ///
    /// The work of a failed or cancelled attempt is in its checkpoint and stays in the worktree; only a step that
    /// succeeded, or whose failure the workflow accepts, gets a commit on the task's branch. Doing it again, after a
    /// crash in between, leads to the same. Where Git cannot write, the outcome says so and keeps all else. Throws
    /// `StoreError.fenced` or `StaleOwnership` before any ref is moved by a worker that does not own the run.
    func commit(_ outcome: StepOutcome) async throws -> StepOutcome {
        do {
            return try await committing(outcome)
        } catch let error as GitError {
            return uncommitted(outcome, error)
        }
    }

    private func committing(_ outcome: StepOutcome) async throws -> StepOutcome {
        // A step that promised to write nothing never moves the branch; its checkpoint shows whether it kept the promise.
        let counts =
            job.step.commits
            && (outcome.attempt.status == .succeeded
                || (job.step.continueOnError && ![.cancelled, .interrupted].contains(outcome.attempt.status)))
        let (job, control) = (job, control)
        let worktree = job.worktree(home)
        let message = message(agent: outcome.attempt.agent)
        let signature = author.signature(at: Date())
        let before = job.attempt.commitBefore.flatMap { ObjectID($0) }
        let known = (job.environment.headCommit ?? job.environment.baseCommit)
        guard worktree.directoryExists else { return broken(outcome, "it removed its own worktree") }
        try await control.confirm()
        let isInterrupted = outcome.attempt.status == .interrupted
        var committed = try await owned { () -> Committed in
            var notes = try AttemptCommit.mend(
                worktree, branch: job.environment.branch, tip: before ?? ObjectID(known))
            let stashed = worktree.stashEntries(on: job.environment.branch, since: job.attempt.startedAt)
            if stashed > 0 {
                notes.append(
                    "what it put into git stash is in no commit of the task: see git stash list in its worktree")
            }
            if counts {
                let branch = try worktree.commitOnBranch(
                    job.environment.branch, after: before, message: message, author: signature,
                    committer: signature,
                    beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
                notes += branch.skipped.map { "not in the commit: \($0)" }
                if case .inProgress(let operation) = branch.outcome {
                    notes.append("a \(operation.rawValue) is unfinished; nothing was committed to the branch")
                } else if let tip = branch.tip {
                    return try Committed(
                        after: tip, before: before, notes: notes, worktree: worktree, branch: job.environment.branch)
                }
            }
            // What was saved before the worktree went back is not replaced by what it is since then.
            if isInterrupted, let saved = try worktree.hub.open().reference(job.checkpointRef) {
                return try Committed(
                    after: saved, before: before, notes: notes, worktree: worktree, branch: job.environment.branch)
            }
            let checkpoint = try Checkpoint.write(
                worktree: worktree, message: message, author: signature, committer: signature)
            notes += counts ? [] : checkpoint.skipped.map { "not in the checkpoint: \($0)" }
            return try Committed(
                after: checkpoint.commit, before: before, notes: notes, worktree: worktree,
                branch: job.environment.branch)
        }
        ChaosPoint.branchMoved.reach()
        if let before, outcome.attempt.status == .succeeded {
            committed = try await puttingBack(committed, to: before, worktree)
        }
        let after = committed.after
        try await owned {
            try control.checkBeforeMovingRefs()
            try job.setCheckpointRef(after, in: worktree.hub, lasts: !home.isThrowaway)
        }
        ChaosPoint.checkpointMade.reach()
        var finished = completed(outcome, committed)
        finished.branchTip = committed.tip?.hex
        return finished
    }

    /// Puts right what the attempt did to Git's own files of its worktree; returns what a person should know of that.
    private static func mend(_ worktree: Worktree, branch: String, tip: ObjectID?) throws -> [String] {
        var notes: [String] = []
        if worktree.repairAccess() {
            notes.append("it took the permissions from its worktree, which were given back")
        }
        if worktree.hub.repairAccess() {
            notes.append("it took the permissions from the runner's clone, which were given back")
        }
        var isMended = !worktree.verifyLink()
        if let tip, try worktree.repairAdmin(branch: branch, tip: tip) { isMended = true }
        if try worktree.hub.repairConfiguration() { isMended = true }
        if worktree.hub.clearStaleLocks(branch: branch) {
            notes.append("a lock that a killed git had left in the runner's clone was taken away")
        }
        if try !worktree.repairLink() {
            notes.append(
                "the .git of its worktree is another repository now, which later steps find in the place of the "
                    + "task's; move it away, and runner retry has the task's again")
        } else if isMended {
            notes.append("it damaged Git's files of its worktree, which were mended")
        }
        return notes
    }

    /// Runs Git work; where it was refused because this worker was away for too long, it can be tried again.
    func owned<T: Sendable>(_ body: @Sendable () throws -> T) async throws -> T {
        do {
            return try await lane.run(body)
        } catch let error as GitError where error.code == .modified && error.operation == RunControl.movingRefs {
            // Not by asking the lease once more: a late heartbeat may have been answered since the refusal.
            throw StaleOwnership()
        }
    }

    /// Takes the worktree and the branch back to where they were before an interrupted attempt that is saved.
    func rewind(_ attempt: AttemptRecord) async throws {
        let (job, control) = (job, control)
        let worktree = job.worktree(home)
        guard worktree.directoryExists, let before = attempt.commitBefore.flatMap({ ObjectID($0) }),
            let saved = attempt.commitAfter.flatMap({ ObjectID($0) })
        else { return }
        try await control.confirm()
        try await owned {
            let current = try worktree.hub.open().reference("refs/heads/\(job.environment.branch)")
            guard let tip = attempt.branchBefore.flatMap({ ObjectID($0) }) ?? current else { return }
            try worktree.rewind(
                from: saved, to: before, branch: job.environment.branch, tip: tip,
                beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
        }
    }

    /// Keeps what an agent changed in a step that writes nothing under a reference of its own, and takes the worktree
    /// back: no wording keeps every agent from it, and its answer is worth something all the same.
    private func puttingBack(
        _ committed: Committed, to before: ObjectID, _ worktree: Worktree
    ) async throws -> Committed {
        guard case .agent = job.step.body, !job.step.writes, job.isAlone else { return committed }
        let (job, control) = (job, control)
        let name = job.checkpointRef + ".aside"
        return try await owned {
            let repository = try worktree.hub.open()
            let known = try repository.reference(name)
            guard known != nil || committed.summary?.filesChanged ?? 0 > 0 else { return committed }
            try control.checkBeforeMovingRefs()
            // One that is there is from before a crash: the worktree may be half-way back.
            let aside = known ?? committed.after
            if known == nil { try repository.setReference(name, to: aside) }
            let branch = job.environment.branch
            let tip =
                try job.attempt.branchBefore.flatMap { ObjectID($0) } ?? repository.reference("refs/heads/\(branch)")
            try worktree.rewind(
                from: aside, to: before, branch: branch, tip: tip ?? before,
                log: "reset: a step that writes nothing changed files",
                beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
            let changed = try Git.Diff.between(repository, from: before, to: aside).filesChanged
            let note = "\(Self.brokenPromise(changed)); that was put back, and is kept in \(name)"
            return try Committed(
                after: before, before: before, notes: committed.notes + [note], worktree: worktree, branch: branch)
        }
    }

    private static func brokenPromise(_ changed: Int) -> String {
        "it changed \(changed) file\(changed == 1 ? "" : "s") although it declares writes: false"
    }

    private struct Committed: Sendable {
        let after: ObjectID
        let summary: DiffSummary?
        let notes: [String]
        let tip: ObjectID?

        init(after: ObjectID, before: ObjectID?, notes: [String], worktree: Worktree, branch: String)
            throws
        {
            self.after = after
            self.notes = notes
            let repository = try worktree.hub.open()
            tip = try repository.reference("refs/heads/\(branch)")
            summary = try before.map { try Git.Diff.between(repository, from: $0, to: after) }
        }
    }

    private func completed(_ outcome: StepOutcome, _ committed: Committed) -> StepOutcome {
        var outcome = outcome
        outcome.attempt.commitAfter = committed.after.hex
        outcome.attempt.filesChanged = committed.summary?.filesChanged
        outcome.attempt.insertions = committed.summary?.insertions
        outcome.attempt.deletions = committed.summary?.deletions
        outcome.facts.filesChanged = committed.summary?.filesChanged
        if !job.step.writes, let changed = committed.summary?.filesChanged, changed > 0,
            outcome.attempt.status == .succeeded
        {
            let reason = Self.brokenPromise(changed)
            outcome.attempt.status = .failed
            outcome.attempt.error = reason
            outcome.result = StepResult(
                stepKey: job.step.id, status: .failed, failureClass: .permanent, error: reason)
        }
        let hasMoved = committed.tip?.hex != job.attempt.branchBefore
        if outcome.attempt.status == .succeeded,
            let reason = job.step.contract.produces.unmet(
                filesChanged: committed.summary?.filesChanged, hasMoved: hasMoved)
        {
            outcome.fail(because: reason)
        }
        let notes = committed.notes + [idleness(outcome, committed)].compactMap { $0 }
        if !notes.isEmpty {
            let notes = notes.prefix(5).joined(separator: "; ")
            outcome.attempt.error = outcome.attempt.error.map { "\($0); \(notes)" } ?? notes
        }
        return outcome
    }

    /// A success without any work is for a person to judge: a question may be answered so.
    private func idleness(_ outcome: StepOutcome, _ committed: Committed) -> String? {
        guard outcome.attempt.status == .succeeded, job.step.writes, outcome.tellsTools,
            outcome.tools.allSatisfy({ $0.status == .denied }), committed.summary?.filesChanged == 0
        else { return nil }
        guard outcome.tools.isEmpty else {
            return "it says that it is done, but was permitted none of the tools that it wanted to use, and changed no "
                + "file: runner tools \(job.task.number)"
        }
        return "it says that it is done, but it used no tool and changed no file"
    }

    func message(agent: String? = nil) -> String {
        var trailers = [
            ("Runner-Task", String(job.task.number)), ("Runner-Run", String(job.run.number)),
            ("Runner-Step", job.step.id), ("Runner-Attempt", String(job.attempt.number)),
        ]
        if let agent { trailers.append(("Runner-Agent", agent)) }
        if let text, !text.allSatisfy(\.isWhitespace) {
            return Trailers.compose(text, trailers.map { (key: $0.0, value: $0.1) })
        }
        return CommitMessage.compose(
            subject: "\(job.step.name ?? job.step.id): \(job.task.title)", trailers: trailers)
    }
}

extension StepJob {
    func worktree(_ home: RunnerHome) -> Worktree {
        environment.worktree(in: Hub(path: home.hub(repository.id.description)))
    }

    var checkpointRef: String { "refs/runner/\(task.number)/\(run.number)/\(step.id).\(attempt.number)" }

    /// `refs/runner/<task>/<run>/<step>.<attempt>` and, beside it, the state before.
    ///
    /// With `lasts` all that the attempt committed is on the disk when this returns, before its row is.
    func setCheckpointRef(_ after: ObjectID, in hub: Hub, lasts: Bool) throws {
        let repository = try hub.open()
        let name = checkpointRef
        let before = attempt.commitBefore.flatMap { ObjectID($0) }
        if let before { try repository.setReference(name + ".before", to: before) }
        try repository.setReference(name, to: after)
        guard lasts else { return }
        try hub.settle(
            after, since: before,
            references: ["refs/heads/" + environment.branch] + (before == nil ? [] : [name + ".before"]) + [name])
    }
}

extension EnvironmentRecord {
    /// The administrative name is the folder's first name, unique within the hub.
    func worktree(in hub: Hub) -> Worktree {
        let name = adminName ?? worktreePath.split(separator: "/").last.map(String.init) ?? branch
        return Worktree(hub: hub, name: name, path: worktreePath)
    }
}
