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
    /// Which of the step's agents it is: nil its own, then the entries of its `fallback` from 1 on.
    var fallback: Int?
    /// How another agent's work came to be in the worktree; nil where there is none.
    var handover: String?

    init(
        account: String?, resume: AgentResume?, budget: BudgetStanding? = nil, fallback: Int? = nil,
        handover: String? = nil
    ) {
        self.account = account
        self.resume = resume
        self.budget = budget
        self.fallback = fallback
        self.handover = handover
    }

    /// Of an attempt that was begun with something else, or by an older version, nothing is known.
    init(_ attempt: AttemptRecord) {
        let known = try? attempt.input.decoded(as: AgentStart.self)
        self.init(
            account: known?.account, resume: known?.resume, budget: known?.budget, fallback: known?.fallback,
            handover: known?.handover)
    }

    /// What the agent is told, of the step's `prompt`.
    func prompt(_ prompt: String) -> String {
        if let resume { return resume.prompt(prompt) }
        guard let handover else { return prompt }
        return """
            \(handover) What it has done so far is in the working folder: look at it, and go on from there. The task was:

            \(prompt)
            """
    }

    /// The attempt's `input`.
    func input(prompt: String) throws -> JSONValue {
        let value = try JSONValue(encoding: self)
        guard case .object(var members) = value else { return value }
        members["prompt"] = .string(prompt)
        return .object(members)
    }
}
