/// An agent, or another model of the same one, that takes over a step while the ones before it cannot work.
package struct AgentFallback: Sendable, Hashable, Codable {
    /// Nil: the step's own agent, with its settings.
    package var agent: String?
    package var model: String?
    /// Settings for the agent's adapter; those of the step are only its own agent's.
    package var with: [String: JSONValue]
    /// What an agent before it must be in for this one to be asked.
    package var on: [AgentTrouble]

    package init(
        agent: String?, model: String? = nil, with: [String: JSONValue] = [:],
        on: [AgentTrouble] = AgentTrouble.allCases
    ) {
        self.agent = agent
        self.model = model
        self.with = with
        self.on = on
    }

    /// `codex`, `claude=haiku`, `=haiku`: an agent, a model, or both; nil for any other text.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let agent = parts[0].isEmpty ? nil : String(parts[0])
        let model = parts.count == 2 ? String(parts[1]) : nil
        guard agent != nil || model != nil, model != "" else { return nil }
        self.init(agent: agent, model: model)
    }

    /// As `init(_:)` reads it.
    package var text: String { (agent ?? "") + (model.map { "=\($0)" } ?? "") }
}

extension AgentBody {
    /// What runs when entry `index` of `fallback` has taken over, counted from 1; 0 is the step's own agent.
    ///
    /// An index that there is not, as of a run whose workflow was changed by hand, is the step's own agent too.
    package func choice(_ index: Int) -> AgentBody {
        guard index > 0, index <= fallback.count else { return self }
        let entry = fallback[index - 1]
        var body = self
        if let agent = entry.agent, agent != self.agent {
            body.agent = agent
            body.with = [:]
        }
        body.with.merge(entry.with) { $1 }
        if let model = entry.model { body.with["model"] = .string(model) }
        return body
    }
}
