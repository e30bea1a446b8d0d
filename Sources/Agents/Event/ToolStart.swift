package import RunnerCore

/// The agent has asked for a tool call.
package struct ToolStart: Sendable, Hashable, Codable {
    package var id: String
    package var name: String
    /// Capped like `ToolExecution.arguments`.
    package var input: JSONDocument
    /// The tool call that started the subagent which asks; nil for the agent itself.
    package var parent: String?

    package init(id: String, name: String, input: JSONDocument, parent: String? = nil) {
        self.id = id
        self.name = name
        self.input = input
        self.parent = parent
    }
}
