/// One row of the ledger: what one attempt used of one model.
package struct UsageEntry: Sendable, Hashable, Codable {
    package enum Source: String, Sendable, Codable, CaseIterable {
        /// The agent said it.
        case agent
        /// Tokens of the agent, prices of the table.
        case table
        case unpriced
    }

    package var model: String
    package var tokens: TokenUsage
    /// US dollars; nil exactly when nobody knows the price.
    package var costUSD: Double?
    package var source: Source
    /// The price that was applied, so that the cost can be reckoned again when the table has changed; only with `table`.
    package var price: ModelPrice?

    package init(
        model: String, tokens: TokenUsage, costUSD: Double?, source: Source, price: ModelPrice? = nil
    ) {
        self.model = model
        self.tokens = tokens
        self.costUSD = costUSD
        self.source = source
        self.price = price
    }
}
