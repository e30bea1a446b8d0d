/// What the knowledge in an adapter rests on.
package enum AgentEvidence: String, Sendable, Hashable, Codable, CaseIterable {
    /// Streams that the real program wrote are decoded in the tests.
    case recorded
    /// Written from public documentation; the real program was never run with it.
    case documented
    /// A file of the user's says how it is driven.
    case described
}
