package import RunnerCore

/// Tokens and money of one model.
package struct ModelUsage: Sendable, Hashable, Codable {
    package var tokens: TokenUsage
    /// The agent's own estimate from list prices; nil when it gave none.
    package var costUSD: Double?

    package init(tokens: TokenUsage, costUSD: Double? = nil) {
        self.tokens = tokens
        self.costUSD = costUSD
    }
}
