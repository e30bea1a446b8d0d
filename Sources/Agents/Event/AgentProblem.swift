/// An error that the agent program reports about itself or its model's server.
package struct AgentProblem: Sendable, Hashable, Codable {
    package var kind: AgentErrorKind
    package var message: String
    /// False for a problem of a subagent, which the agent may get over.
    package var isFatal: Bool

    package init(kind: AgentErrorKind, message: String, isFatal: Bool) {
        self.kind = kind
        self.message = message
        self.isFatal = isFatal
    }
}
