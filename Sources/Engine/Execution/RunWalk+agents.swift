import Agents
import Foundation
import RunnerCore
import Store

extension RunWalk {
    /// A step whose agent's account is at its limit waits for the end of that, and says why.
    ///
    /// So does one around which a budget is used up. `ended` is an attempt that is not recorded yet.
    mutating func held(_ decision: Decision, after ended: StepOutcome?) async throws -> (Decision, RunHold?) {
        if let held = try await heldByBudget(decision, after: ended) { return held }
        let opening = ended?.agent
        guard case .start(let key, _) = decision.next, let step = setting.definition.step(key),
            let account = account(of: step)
        else { return (decision, nil) }
        var limit = try await store.limit(of: account).map { ($0.delay, $0.reason) }
        if let opening, opening.account == account, let own = opening.limit, own.delay > limit?.0 ?? .zero {
            limit = (own.delay, own.reason)
        }
        guard let (delay, reason) = limit, delay > .zero else { return (decision, nil) }
        // Many that wait for one limit do not come back at the same moment.
        let spread = Duration.seconds(min(delay / .seconds(20), 60) * .random(in: 0..<1))
        return (state.postpone(decision, by: delay + spread, at: Date()), RunHold(reason: reason))
    }

    /// Nil for scripts, and where the agent cannot be described.
    func account(of step: WorkflowStep) -> String? {
        // A replay uses no account.
        guard setting.context.replay == nil, case .agent(let body) = step.body,
            let name = try? setting.context.agents.name(for: body)
        else {
            return nil
        }
        return StepCommand.account(
            agent: name, options: setting.context.agents.options(for: body, agent: name),
            declared: place(of: step).context.env,
            callerEnvironment: executor.workspace.settings.environment)
    }

    /// The session that the step's next attempt goes on with: where the last one stopped without being at its end, and
    /// its work is still in the worktree.
    func resume(_ step: WorkflowStep, agent: String) async throws -> AgentResume? {
        guard let last = lastAttempts[step.id] else {
            // Only the first step of a run that goes on with a session.
            return lastAttempts.isEmpty ? setting.context.continuation : nil
        }
        guard last.agent == agent, let session = last.agentSessionID, last.isResumable else { return nil }
        // What the session believes to be in the worktree is there no more.
        if let ended = last.finishedAt, try await store.wasRewound(setting.task.id, after: ended) { return nil }
        let totals = try await store.sessionTotals(agent: agent, session: session)
        return AgentResume(
            session: session, baseline: totals.flatMap(SessionTotals.init(document:)) ?? SessionTotals(),
            reason: last.error ?? "the attempt before ended too early")
    }

    func announce(_ wait: RunWait) {
        if let bound = wait.budget {
            let remedy = bound.remedy(task: setting.task.number)
            executor.progress(.note("\(wait.reason ?? "it waits"); raise it: \(remedy)"))
        }
        guard let delay = wait.delay else { return }
        executor.progress(.waiting(until: Date().addingTimeInterval(delay / .seconds(1)), reason: wait.reason))
    }
}

extension AttemptRecord {
    /// Its agent stopped in the middle, by no fault of its own, and what it had done was left in the worktree.
    fileprivate var isResumable: Bool {
        switch status {
        case .failed: [.limit, .transient, .budget].contains(failureClass)
        case .timedOut, .cancelled: true
        case .succeeded, .running, .interrupted: false
        }
    }
}

extension SessionTotals {
    /// As `agent_attempts` keeps it.
    init?(document: JSONValue) {
        guard let data = try? JSONEncoder().encode(document),
            let totals = try? JSONDecoder().decode(SessionTotals.self, from: data)
        else { return nil }
        self = totals
    }
}
