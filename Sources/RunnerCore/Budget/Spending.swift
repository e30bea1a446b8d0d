/// What has been used, as the ledger says. No count is above `TokenUsage.limit`.
package struct Spending: Sendable, Hashable, Codable {
    /// US dollars, of what has a price.
    package var usd: Double
    /// Of every kind together.
    package var tokens: Int
    /// Those among them whose price nobody knows: they are in no sum of dollars.
    package var unpricedTokens: Int

    package init(usd: Double = 0, tokens: Int = 0, unpricedTokens: Int = 0) {
        self.usd = usd
        self.tokens = min(tokens, TokenUsage.limit)
        self.unpricedTokens = min(unpricedTokens, TokenUsage.limit)
    }

    /// Of one attempt.
    package init(_ entries: [UsageEntry]) {
        self = entries.reduce(Spending()) { sum, entry in
            let count = entry.tokens.total
            return sum
                + Spending(
                    usd: entry.costUSD ?? 0, tokens: count, unpricedTokens: entry.costUSD == nil ? count : 0)
        }
    }

    package static func + (a: Spending, b: Spending) -> Spending {
        Spending(
            usd: a.usd + b.usd, tokens: a.tokens + b.tokens, unpricedTokens: a.unpricedTokens + b.unpricedTokens)
    }
}
