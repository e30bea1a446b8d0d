/// What has been used, as the ledger says.
package struct Spending: Sendable, Hashable, Codable {
    /// US dollars, of what has a price.
    package var usd: Double
    /// Of every kind together.
    package var tokens: Int
    /// Those among them whose price nobody knows: they are in no sum of dollars.
    package var unpricedTokens: Int

    package init(usd: Double = 0, tokens: Int = 0, unpricedTokens: Int = 0) {
        self.usd = usd
        self.tokens = tokens
        self.unpricedTokens = unpricedTokens
    }

    /// Of one attempt.
    package init(_ entries: [UsageEntry]) {
        self.init()
        for entry in entries {
            let count = entry.tokens.input + entry.tokens.output + entry.tokens.cacheRead + entry.tokens.cacheWrite
            usd += entry.costUSD ?? 0
            tokens += count
            if entry.costUSD == nil { unpricedTokens += count }
        }
    }

    package static func + (a: Spending, b: Spending) -> Spending {
        Spending(
            usd: a.usd + b.usd, tokens: a.tokens + b.tokens, unpricedTokens: a.unpricedTokens + b.unpricedTokens)
    }
}
