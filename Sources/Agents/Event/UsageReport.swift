package import RunnerCore

/// What was used since the report before it: the reports of one attempt add up to the attempt's usage.
package struct UsageReport: Sendable, Hashable, Codable {
    /// Subagents included where the agent tells.
    package var tokens: TokenUsage
    /// Empty when the agent does not tell models apart.
    package var models: [String: ModelUsage]
    /// Nil when it cannot be told apart from earlier attempts, or was not given.
    package var costUSD: Double?
    /// What the agent said about the whole session; the baseline for the next attempt on it.
    package var session: SessionTotals?

    package init(
        tokens: TokenUsage, models: [String: ModelUsage] = [:], costUSD: Double? = nil, session: SessionTotals? = nil
    ) {
        self.tokens = tokens
        self.models = models
        self.costUSD = costUSD
        self.session = session
    }
}
