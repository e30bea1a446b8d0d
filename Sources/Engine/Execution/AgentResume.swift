import Agents

/// A session of an agent to go on with.
struct AgentResume: Sendable, Hashable, Codable {
    var session: String
    /// What it has used so far, so that nothing is counted twice.
    var baseline: SessionTotals
    /// Why it stopped; nil where the prompt is a person's next word in it.
    var reason: String?

    /// What the agent is told instead of `prompt`.
    ///
    /// The task is said again: an agent whose session is gone may begin a new one without a word.
    func prompt(_ prompt: String) -> String {
        guard let reason else { return prompt }
        return """
            You were interrupted (\(reason)). What you have done so far is in the working folder. Go on where you \
            stopped. The task was:

            \(prompt)
            """
    }
}
