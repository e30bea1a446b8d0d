/// Usage of a whole agent session so far, over every process that took part in it.
package struct SessionTotals: Sendable, Hashable, Codable {
    package var models: [String: ModelUsage]
    package var costUSD: Double?

    package init(models: [String: ModelUsage] = [:], costUSD: Double? = nil) {
        self.models = models
        self.costUSD = costUSD
    }
}
