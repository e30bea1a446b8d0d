import Agents
import Foundation
import RunnerCore
import Store

extension RunWalk {
    /// Which of the step's agents is to make its next attempt; nil for scripts, and where none is better than its own.
    ///
    /// `ended` is an attempt that is not recorded yet.
    func turn(of step: WorkflowStep, after ended: StepOutcome?) async throws -> AgentTurn? {
        // A replay uses no account, and plays what was recorded, whoever did it.
        guard setting.context.replay == nil, case .agent(let body) = step.body else { return nil }
        let fallback = setting.context.agents.fallback(of: body)
        var candidates: [AgentTurn.Candidate] = []
        for index in 0...fallback.count {
            candidates.append(try await candidate(index, body, step, hasOthers: !fallback.isEmpty, after: ended))
        }
        return AgentTurn.next(candidates, fallback)
    }

    /// Whether an agent's failure is a reason for another one to go on at once.
    func passesOn(_ ended: StepOutcome, _ step: WorkflowStep) async throws -> Bool {
        guard case .agent(let body) = step.body, ended.result.status == .failed,
            AgentTrouble(ended.result.failureClass) != nil, !setting.context.agents.fallback(of: body).isEmpty
        else { return false }
        switch try await turn(of: step, after: ended) {
        case .use(let index, _): return index != ended.attempt.fallbackIndex
        // Another one's limit is over before its own.
        case .wait(let delay, _): return ended.agent?.limit.map { delay < $0.delay } ?? false
        case nil: return false
        }
    }

    /// In a replay: which of the step's agents made each recorded attempt. Nil for every other run.
    func recordedTurns(of step: WorkflowStep) async throws -> [Int]? {
        guard let origin = setting.context.replay, case .agent = step.body else { return nil }
        return try await origin.attempts(of: step.id, in: store)?.map(\.fallbackIndex) ?? []
    }

    /// In a replay nothing is waited for: the next recorded attempt follows, or the step has failed as it had.
    func replayed(_ result: StepResult, _ job: StepJob) async throws -> StepResult {
        guard result.status == .failed, let recorded = try await recordedTurns(of: job.step) else { return result }
        var result = result
        result.retryAt = nil
        result.passesOn = job.attempt.number < recorded.count
        result.failureClass = result.passesOn ? nil : .permanent
        return result
    }

    func announceTakeover(of step: WorkflowStep, by index: Int, _ reason: String?) {
        guard case .agent(let body) = step.body, let chosen = try? setting.context.agents.chosen(body, index) else {
            return
        }
        let model = chosen.options["model"]?.stringValue.map { " with the model \($0)" } ?? ""
        let because = reason.map { ": \($0)" } ?? ""
        executor.progress(.note("\(chosen.name)\(model) takes over step \"\(step.id)\"\(because)"))
    }

    /// Nil where the agent cannot be described.
    ///
    /// Another model of the step's own agent has limits of its own.
    func account(of step: WorkflowStep, _ index: Int) -> String? {
        guard setting.context.replay == nil, case .agent(let body) = step.body,
            let chosen = try? setting.context.agents.chosen(body, index)
        else { return nil }
        let account = StepCommand.account(
            agent: chosen.name, options: chosen.options, declared: place(of: step).context.env,
            callerEnvironment: executor.workspace.settings.environment)
        guard index > 0, let own = try? setting.context.agents.chosen(body), own.name == chosen.name,
            let model = chosen.options["model"]?.stringValue
        else { return account }
        return account.map { "\($0)/\(model)" }
    }

    private func candidate(
        _ index: Int, _ body: AgentBody, _ step: WorkflowStep, hasOthers: Bool, after ended: StepOutcome?
    ) async throws -> AgentTurn.Candidate {
        guard let chosen = try? setting.context.agents.chosen(body, index) else {
            return AgentTurn.Candidate(trouble: .missing)
        }
        if hasOthers, !chosen.isInstalled(on: executor.workspace.settings.environment["PATH"]) {
            return AgentTurn.Candidate(trouble: .missing, reason: "\(chosen.name) is not installed")
        }
        if let ended, ended.result.stepKey == step.id, ended.result.status == .failed, ended.result.retryAt == nil,
            let trouble = AgentTrouble(ended.result.failureClass), index <= ended.attempt.fallbackIndex
        {
            // Those before it were in trouble when it began, or they would have been asked.
            return AgentTurn.Candidate(trouble: trouble, reason: ended.result.error)
        }
        guard let account = account(of: step, index) else { return AgentTurn.Candidate() }
        var limit = try await store.limit(of: account).map { ($0.delay, $0.reason) }
        if let opening = ended?.agent, opening.account == account, let own = opening.limit,
            own.delay > limit?.0 ?? .zero
        {
            limit = (own.delay, own.reason)
        }
        guard let (delay, reason) = limit, delay > .zero else { return AgentTurn.Candidate() }
        return AgentTurn.Candidate(trouble: .limit, delay: delay, reason: reason)
    }
}
