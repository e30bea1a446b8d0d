/// The agent waits and asks its model's server once more.
package struct AgentRetry: Sendable, Hashable, Codable {
    /// 1 for the first repetition.
    package var attempt: Int
    package var max: Int?
    package var delayMilliseconds: Int?
    /// The HTTP status; nil when there was no answer.
    package var status: Int?
    package var kind: AgentErrorKind

    package init(attempt: Int, max: Int?, delayMilliseconds: Int?, status: Int?, kind: AgentErrorKind) {
        self.attempt = attempt
        self.max = max
        self.delayMilliseconds = delayMilliseconds
        self.status = status
        self.kind = kind
    }
}
