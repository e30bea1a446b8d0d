/// An agent step.
package struct AgentBody: Sendable, Hashable {
    /// The name that stands for the agent chosen by the task, the repository or the settings.
    package static let defaultAgent = "default"

    package var agent: String
    /// A template.
    package var prompt: String
    /// Settings for the agent's adapter, passed on as they are.
    package var with: [String: JSONValue]
    /// Who takes over while the agent cannot work, in this order.
    package var fallback: [AgentFallback]

    package init(
        agent: String, prompt: String, with: [String: JSONValue] = [:], fallback: [AgentFallback] = []
    ) {
        self.agent = agent
        self.prompt = prompt
        self.with = with
        self.fallback = fallback
    }
}
