package import Foundation

/// The agent cannot go on for now: a rate, usage, capacity or money limit.
package struct AgentLimit: Sendable, Hashable, Codable {
    /// `rateLimit`, `usageLimit`, `overloaded` or `billing`.
    package var kind: AgentErrorKind
    package var resetsAt: Date?
    package var text: String

    package init(kind: AgentErrorKind, resetsAt: Date? = nil, text: String) {
        self.kind = kind
        self.resetsAt = resetsAt
        self.text = text
    }
}
