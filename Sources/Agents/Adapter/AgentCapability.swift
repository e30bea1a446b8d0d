/// What an agent tells of itself while it works.
package enum AgentCapability: String, Sendable, Hashable, Codable, CaseIterable {
    /// A session that can be gone on with.
    case sessions
    case tools, tokens, cost
}
