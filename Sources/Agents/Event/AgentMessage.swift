/// Something that the model itself said or thought; error texts of the agent program are never messages.
package struct AgentMessage: Sendable, Hashable, Codable {
    package var text: String
    /// The tool call that started the subagent which speaks; nil for the agent itself.
    package var parent: String?

    package init(text: String, parent: String? = nil) {
        self.text = text
        self.parent = parent
    }
}
