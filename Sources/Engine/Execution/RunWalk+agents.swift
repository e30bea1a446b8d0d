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
        guard case .start(let key, let number) = decision.next, let step = setting.definition.step(key) else {
            return (decision, nil)
        }
        if let recorded = try await recordedTurns(of: step) {
            agentTurns[key] = recorded.isEmpty ? nil : recorded[min(number, recorded.count) - 1]
            return (decision, nil)
        }
        switch try await turn(of: step, after: ended) {
        case nil:
            agentTurns[key] = nil
            return (decision, nil)
        case .use(let index, let reason):
            if index > 0, agentTurns[key] != index { announceTakeover(of: step, by: index, reason) }
            agentTurns[key] = index
            return (decision, nil)
        case .wait(let delay, let reason):
            // Many that wait for one limit do not come back at the same moment.
            let spread = Duration.seconds(min(delay / .seconds(20), 60) * .random(in: 0..<1))
            return (state.postpone(decision, by: delay + spread, at: Date()), RunHold(reason: reason))
        }
    }

    /// The session that the step's next attempt goes on with: where the last one stopped without being at its end, and
    /// its work is still in the worktree.
    func resume(_ step: WorkflowStep, agent: String) async throws -> AgentResume? {
        guard let last = lastAttempts[step.id] else {
            // Only the first step of a run that goes on with a session.
            return lastAttempts.isEmpty ? setting.context.continuation : nil
        }
        guard last.agent == agent, let session = last.agentSessionID, try await isWorkThere(last) else { return nil }
        let totals = try await store.sessionTotals(agent: agent, session: session)
        return AgentResume(
            session: session, baseline: totals.flatMap(SessionTotals.init(document:)) ?? SessionTotals(),
            reason: last.error ?? "the attempt before ended too early")
    }

    /// What another agent is told of the one that stopped in the middle.
    func handover(_ step: WorkflowStep, to agent: String) async throws -> String? {
        guard let last = lastAttempts[step.id], let other = last.agent, other != agent, try await isWorkThere(last)
        else { return nil }
        return "The agent \"\(other)\" worked on this before you and stopped (\(last.error ?? "it did not say why"))."
    }

    /// Whether what an attempt left in the worktree before its end is still there.
    private func isWorkThere(_ last: AttemptRecord) async throws -> Bool {
        guard last.isResumable else { return false }
        guard let ended = last.finishedAt else { return true }
        return try await !store.wasRewound(setting.task.id, after: ended)
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
