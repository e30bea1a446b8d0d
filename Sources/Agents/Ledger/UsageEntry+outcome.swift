package import RunnerCore

extension UsageEntry {
    /// The rows of an attempt, sorted by model. They are made from the outcome alone, so that decoding the stored
    /// output again gives the same rows.
    package static func entries(of outcome: AgentOutcome, prices: PriceTable) -> [UsageEntry] {
        var models = outcome.usageByModel
        if models.isEmpty, let usage = outcome.usage {
            models[outcome.model ?? "unknown"] = ModelUsage(tokens: usage, costUSD: outcome.costUSD)
        }
        return models.sorted { $0.key < $1.key }.map { model, usage in
            // One model, one cost: the whole attempt's cost is this model's.
            let own = usage.costUSD ?? (models.count == 1 ? outcome.costUSD : nil)
            if let own { return UsageEntry(model: model, tokens: usage.tokens, costUSD: own, source: .agent) }
            guard let price = prices.price(of: model) else {
                return UsageEntry(model: model, tokens: usage.tokens, costUSD: nil, source: .unpriced)
            }
            return UsageEntry(
                model: model, tokens: usage.tokens, costUSD: price.cost(of: usage.tokens), source: .table, price: price)
        }
    }

    /// The attempt's cost: the agent's own figure, else the sum of the rows; nil when one of them is unpriced.
    package static func cost(of outcome: AgentOutcome, prices: PriceTable) -> Double? {
        if let cost = outcome.costUSD { return cost }
        let entries = entries(of: outcome, prices: prices)
        guard !entries.isEmpty, entries.allSatisfy({ $0.costUSD != nil }) else { return nil }
        return Money.rounded(entries.reduce(0) { $0 + ($1.costUSD ?? 0) })
    }
}
