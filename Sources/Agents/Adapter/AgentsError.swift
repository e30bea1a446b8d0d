/// A mistake in how an agent is set up, found before anything is started.
package struct AgentsError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case unknownOption, missingOption, wrongType, invalidValue, emptyPrompt, promptTooLong, refusedAsRoot
    }

    package let code: Code
    /// The adapter's name.
    package let agent: String
    /// The key under `with` that is wrong, where it is one.
    package let key: String?
    /// Says what is wrong and, at the end, what can be done.
    package let message: String

    package init(_ code: Code, agent: String, key: String? = nil, message: String) {
        self.code = code
        self.agent = agent
        self.key = key
        self.message = message
    }

    package var description: String {
        guard let key else { return "agent \"\(agent)\": \(message)" }
        return "agent \"\(agent)\": with.\(key): \(message)"
    }
}
