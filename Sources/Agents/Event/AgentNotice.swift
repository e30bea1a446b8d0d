/// A remark of the agent program to the person, neither speech of the model nor an error.
package struct AgentNotice: Sendable, Hashable, Codable {
    package var text: String

    package init(text: String) {
        self.text = text
    }
}
