import Foundation
import Git
import RunnerCore
import Store

extension Workspace {
    /// Decides the gate at which a task waits and has its run go on in the background.
    ///
    /// Refused, with one sentence that says why, when the task waits at no gate or at another one, when it was decided
    /// or has expired, and when what was shown has changed since: then it is asked anew about what is there now.
    package func decide(_ text: String, _ answer: GateAnswer) async throws -> DecidedGate {
        let task = try await store.task(matching: text)
        if let done = try answerQuestion(of: task, answer) { return done }
        let (run, asked) = try await pendingGate(of: task, answer)
        let name = "the gate \"\(asked.stepKey)\" of task \(task.number)"
        if let end = asked.expiresAt, end <= Date() {
            throw EngineError(
                .wrongState, "\(name) expired at \(GateText.time(end))",
                hint: "when its run has ended, ask again with: runner retry \(task.number)")
        }
        let rework = try await rework(answer, asked, run)
        try await checkUnchanged(asked, run, task)
        try await BackgroundDaemon(workspace: self).checkPossible()
        let by = NSUserName()
        let status: ApprovalRecord.Status = answer.isApproval ? .approved : .rejected
        guard try await store.decide(asked.id, of: run.id, status, by: by, notes: answer.note, rework: rework) else {
            let now = try await store.approvals(of: run.id).first { $0.id == asked.id } ?? asked
            throw alreadyDecided(now, task)
        }
        _ = try await BackgroundDaemon(workspace: self).ensure()
        return DecidedGate(
            task: task.number, step: asked.stepKey, decision: status, by: by, note: answer.note,
            rework: answer.isApproval ? nil : rework ?? asked.rework)
    }

    private func pendingGate(of task: TaskRecord, _ answer: GateAnswer) async throws -> (RunRecord, ApprovalRecord) {
        guard let run = try await store.latestRun(of: task.id) else {
            throw EngineError(.wrongState, "task \(task.number) has no run", hint: nil)
        }
        if let number = answer.run, number != run.number {
            throw EngineError(
                .wrongState, "run \(number) of task \(task.number) does not wait for a decision",
                hint: "its newest run is \(run.number)")
        }
        let approvals = try await store.approvals(of: run.id)
        let pending = approvals.last { $0.status == .pending }
        if let step = answer.step, step != pending?.stepKey {
            if let earlier = approvals.last(where: { $0.stepKey == step }) { throw alreadyDecided(earlier, task) }
            throw EngineError(
                .wrongState, "task \(task.number) does not wait at \"\(step)\"",
                hint: pending.map { "it waits at \"\($0.stepKey)\"" } ?? "it is \(run.status.rawValue)")
        }
        guard let pending, run.status == .waiting else {
            if run.status == .cancelled {
                throw EngineError(
                    .wrongState, "task \(task.number) was cancelled and waits for no decision",
                    hint: "go on with runner retry \(task.number)")
            }
            if let last = approvals.last, last.status != .pending { throw alreadyDecided(last, task) }
            throw EngineError(
                .wrongState, "task \(task.number) waits for no decision; it is \(run.status.rawValue)",
                hint: "see runner show \(task.number)")
        }
        return (run, pending)
    }

    private func alreadyDecided(_ gate: ApprovalRecord, _ task: TaskRecord) -> EngineError {
        let name = "the gate \"\(gate.stepKey)\" of task \(task.number)"
        let time = gate.decidedAt.map { " at \(GateText.time($0))" } ?? ""
        switch gate.status {
        case .approved, .rejected:
            return EngineError(
                .wrongState, "\(name) was \(gate.status.rawValue) already by \(gate.decidedBy ?? "somebody")\(time)",
                hint: nil)
        case .expired:
            return EngineError(
                .wrongState, "\(name) expired\(time)", hint: "ask again with: runner retry \(task.number)")
        case .pending:
            return EngineError(.wrongState, "\(name) cannot be decided now", hint: "try again")
        }
    }

    private func rework(_ answer: GateAnswer, _ asked: ApprovalRecord, _ run: RunRecord) async throws -> String? {
        guard let wanted = answer.rework, !answer.isApproval else { return nil }
        let scope = StepPath(asked.stepKey).scope
        let steps = try await store.steps(of: run.id)
        let before = steps.filter { StepPath($0.key).scope == scope && $0.kind != "setup" }
            .prefix { $0.key != asked.stepKey }
        guard let step = before.first(where: { $0.key == wanted || StepPath($0.key).id == wanted }) else {
            let names = before.map { StepPath($0.key).id }
            throw EngineError(
                .wrongState, "there is no step \"\(wanted)\" before the gate \"\(asked.stepKey)\"",
                hint: Suggestion.closest(to: wanted, among: names).map { "did you mean \"\($0)\"?" }
                    ?? (names.isEmpty ? nil : "there are \(names.joined(separator: ", "))"))
        }
        return StepPath(step.key).id
    }

    /// An approval counts for what the person has seen, and for nothing else.
    private func checkUnchanged(_ asked: ApprovalRecord, _ run: RunRecord, _ task: TaskRecord) async throws {
        guard let environment = try await store.environment(of: task.id) else { return }
        // Where the worktree is not at hand the worker that goes on looks at it.
        let worktree = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
        guard environment.host == HostIdentity.hostname, worktree.directoryExists else { return }
        let steps = try await store.steps(of: run.id)
        let facts = RunFacts.recorded(
            steps, try await store.attempts(of: run.id), try await store.approvals(of: run.id),
            try RunContext(run.context).fork)
        let open = Set(steps.filter { !$0.status.isTerminal }.map(\.key))
        let present = try await GateBinding.of(
            worktree, facts: facts, open: open, signature: CommitAuthor.runner.signature(at: Date()), lane: lane)
        guard !present.matches(asked) else { return }
        let what = present.tree == asked.tree ? "an output" : "the worktree"
        guard
            try await store.renewApproval(
                asked.id, commit: present.commit, tree: present.tree, outputsSHA256: present.outputs)
        else { return }
        throw EngineError(
            .wrongState,
            "\(what) of task \(task.number) has changed since the decision was asked for, so nothing was decided",
            hint: "look at it again (runner diff \(task.number)), then decide")
    }
}
