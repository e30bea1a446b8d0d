import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

extension RunWalk {
    /// Takes in what was decided at the gate where the run waits; nil when it goes on waiting or waits at none.
    mutating func openGate() async throws -> Decision.StepChange? {
        guard
            let gate = state.steps.first(where: { step in
                step.status == .waiting && setting.definition.step(step.key)?.kind == "approval"
            })?.key, let asked = approvals.last(where: { $0.stepKey == gate })
        else { return nil }
        switch asked.status {
        case .pending:
            guard let end = asked.expiresAt, end <= Date() else { return nil }
            try await store.expireApproval(asked.id)
            var expired = asked
            expired.status = .expired
            return close(gate, expired, passed: false, "nobody decided before \(GateText.time(end))")
        case .expired:
            return close(gate, asked, passed: false, "nobody decided in time")
        case .approved:
            let present = try await binding()
            guard present.matches(asked) else {
                changedGates.insert(gate)
                executor.progress(.note("what was approved has changed since; it is asked again"))
                return nil
            }
            return close(gate, asked, passed: true, nil)
        case .rejected:
            let reason = "rejected by \(asked.decidedBy ?? "somebody")" + (asked.notes.map { ": \($0)" } ?? "")
            guard let id = asked.rework else { return close(gate, asked, passed: false, reason) }
            let scope = StepPath(gate).scope
            let target = scope.isEmpty ? id : scope + "/" + id
            guard let restart = state.reworking(from: target, to: gate) else {
                return close(gate, asked, passed: false, reason)
            }
            state = restart.state
            var decision = Decision(stepChanges: [], next: .wait(stepKey: gate))
            decision.reopened = restart.reset
            try await extend(decision)
            for key in restart.reset { facts[key] = nil }
            executor.progress(.note("\(reason); back to step \(target)"))
            return nil
        }
    }

    private mutating func close(
        _ gate: String, _ asked: ApprovalRecord, passed: Bool, _ error: String?
    ) -> Decision.StepChange {
        let change = state.closeGate(gate, passed: passed, error: error)
        facts[gate] = StepFacts(gate: asked, state.step(gate))
        return change
    }

    /// Asks a person and lets go of the run.
    mutating func wait(atGate key: String) async throws -> RunEnd {
        guard let step = setting.definition.step(key), case .approval(let body) = step.body, let record = records[key]
        else { throw EngineError(.internalFault, "step \"\(key)\" is no gate", hint: nil) }
        try await executor.control.confirm()
        let present = try await binding()
        let message = ((try? place(of: step).context.render(body.message)) ?? body.message).prefix(100_000)
        try await store.awaitApproval(
            run.id, fence: run.fence,
            ApprovalRequest(
                stepID: record.id, message: String(message), commit: present.commit, tree: present.tree,
                outputsSHA256: present.outputs, rework: body.rework, expires: body.expires),
            hasChanged: changedGates.contains(key))
        try await cancelIfWished()
        executor.progress(.gate(record, task: setting.task.number, message: String(message)))
        return .gate(key)
    }

    /// What the person who sent the work back said, as an addition to the prompt of the step that does it again.
    func reworkNote(for key: String) -> String? {
        guard
            let rejected = approvals.last(where: { asked in
                guard asked.status == .rejected, let id = asked.rework else { return false }
                let scope = StepPath(asked.stepKey).scope
                return (scope.isEmpty ? id : scope + "/" + id) == key
            }), approvals.last(where: { $0.stepKey == rejected.stepKey && $0.status != .pending })?.id == rejected.id
        else { return nil }
        return """


            The result of this step was sent back by \(rejected.decidedBy ?? "a person"). Work on from what is in the \
            worktree.\(rejected.notes.map { " They say:\n\n\($0)" } ?? "")
            """
    }

    private func binding() async throws -> GateBinding {
        let open = Set(state.steps.filter { !$0.status.isTerminal }.map(\.key))
        return try await GateBinding.of(worktree(), facts: facts, open: open, signature: signature, lane: lane)
    }

    private var lane: BlockingLane { executor.workspace.lane }
    private var signature: Signature { setting.author.signature(at: Date()) }

    private func worktree() -> Worktree {
        setting.environment.worktree(in: Hub(path: executor.workspace.home.hub(setting.repository.id.description)))
    }
}

extension StepFacts {
    /// What later steps see of a gate.
    init(gate: ApprovalRecord, _ state: StepState?) {
        self.init(
            status: state?.status ?? .succeeded, outcome: state?.outcomeStatus,
            outputs: [
                "decision": gate.status.rawValue, "by": gate.decidedBy ?? "", "note": gate.notes ?? "",
            ], result: gate.notes, error: state?.error)
    }
}
