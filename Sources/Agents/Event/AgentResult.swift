/// The agent's own closing words about a turn; whether the attempt succeeded is for `AgentOutcome` to say.
package struct AgentResult: Sendable, Hashable, Codable {
    package var isError: Bool
    package var subtype: String?
    package var terminalReason: String?
    /// HTTP status of the error that ended the turn.
    package var status: Int?
    package var text: String?
    package var errors: [String]
    /// From none to a million: more is nonsense.
    package var turns: Int?
    package var durationMilliseconds: Int?

    package init(
        isError: Bool, subtype: String? = nil, terminalReason: String? = nil, status: Int? = nil,
        text: String? = nil, errors: [String] = [], turns: Int? = nil, durationMilliseconds: Int? = nil
    ) {
        self.isError = isError
        self.subtype = subtype
        self.terminalReason = terminalReason
        self.status = status
        self.text = text
        self.errors = errors
        self.turns = turns.map { min(max($0, 0), 1_000_000) }
        self.durationMilliseconds = durationMilliseconds
    }
}
