package import Foundation
package import RunnerCore

/// What one attempt of an agent came to, judged by its output and by how its process ended.
package struct AgentOutcome: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        case succeeded, failed
        /// Stopped from outside before the agent was done.
        case interrupted
    }

    package var status: Status
    /// Nil exactly for success.
    package var kind: AgentErrorKind?
    /// One sentence for a person; nil exactly for success.
    package var reason: String?
    package var sessionID: String?
    package var model: String?
    /// What the agent said last, capped.
    package var finalText: String?
    /// In the order of their start; those without a result have the status `unknown`.
    package var tools: [ToolExecution]
    /// Tool calls beyond the number or size that is kept.
    package var droppedTools: Int
    /// This attempt's tokens only; nil when nothing was reported.
    package var usage: TokenUsage?
    package var usageByModel: [String: ModelUsage]
    /// This attempt's cost only, as estimated by the agent; nil for unknown.
    package var costUSD: Double?
    /// The session's totals after this attempt: the baseline of the next one on the same session.
    package var sessionTotals: SessionTotals?
    /// When a limit ends, where the agent said so.
    package var resetsAt: Date?
    package var turns: Int?
    package var retries: Int

    package init(status: Status, kind: AgentErrorKind? = nil, reason: String? = nil) {
        self.status = status
        self.kind = kind
        self.reason = reason
        tools = []
        droppedTools = 0
        usageByModel = [:]
        retries = 0
    }

    /// Nil exactly for success.
    package var failureClass: FailureClass? { kind?.failureClass }

    /// Whether what it says of its failure speaks of a key or a login.
    package var mayLackKey: Bool {
        guard status == .failed, let reason else { return false }
        let words = /(api|access|secret)[ _-]?(key|token)|credential|not logged in|no key found/.ignoresCase()
        return kind == .authentication || reason.contains(words)
    }

    /// The outcome as one line of JSON whose key `type` is `outcome`, without a newline.
    package func jsonLine() throws -> String {
        try JSONLine.encode(Line(outcome: self))
    }

    private struct Line: Encodable {
        let outcome: AgentOutcome

        private enum Keys: String, CodingKey {
            case type, failureClass
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode("outcome", forKey: .type)
            try container.encodeIfPresent(outcome.failureClass, forKey: .failureClass)
            try outcome.encode(to: encoder)
        }
    }
}
