/// A remark of the agent program to the person, neither speech of the model nor an error.
package struct AgentNotice: Sendable, Hashable, Codable {
    package var text: String
    /// What the person is asked to allow, where the agent waits for an answer.
    package var question: String?

    package init(text: String, question: String? = nil) {
        self.text = text
        self.question = question
    }
}
