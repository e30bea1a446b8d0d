import RunnerCore

/// What an attempt of an agent is begun with beside its prompt.
///
/// Kept in the attempt's `input`, so that whoever goes on with it, or reckons its figures again, knows.
struct AgentStart: Sendable, Hashable, Codable {
    /// See `AgentAccount`.
    var account: String?
    var resume: AgentResume?
    /// The budget of which the agent is to use no more than is left; nil where it takes no bound, or its step gives one.
    var budget: BudgetStanding?

    init(account: String?, resume: AgentResume?, budget: BudgetStanding? = nil) {
        self.account = account
        self.resume = resume
        self.budget = budget
    }

    /// Of an attempt that was begun with something else, or by an older version, nothing is known.
    init(_ attempt: AttemptRecord) {
        let known = try? attempt.input.decoded(as: AgentStart.self)
        self.init(account: known?.account, resume: known?.resume, budget: known?.budget)
    }

    /// The attempt's `input`.
    func input(prompt: String) throws -> JSONValue {
        let value = try JSONValue(encoding: self)
        guard case .object(var members) = value else { return value }
        members["prompt"] = .string(prompt)
        return .object(members)
    }
}
