package import RunnerCore

/// Prices of models, with the version and the date of the list. A model that is not in it is unpriced, never free.
package struct PriceTable: Sendable, Hashable {
    package let version: String
    /// When the prices were looked up, as `2026-11-27`.
    package let date: String
    /// By the model's name without its provider, in lower case.
    package let models: [String: ModelPrice]

    package init(version: String, date: String, models: [String: ModelPrice]) {
        self.version = version
        self.date = date
        self.models = models
    }

    /// The prices that were applied to some rows of the ledger.
    package init(version: String, date: String, entries: [UsageEntry]) {
        let priced = entries.compactMap { entry in
            entry.price.map { (entry.model.split(separator: "/").last.map { $0.lowercased() } ?? "", $0) }
        }
        self.init(version: version, date: date, models: Dictionary(priced, uniquingKeysWith: { first, _ in first }))
    }

    /// Reads the JSON form of `templates/prices.json`; the message of an error names the key.
    package init(json: [UInt8]) throws(PriceTableError) {
        guard let value = JSONValue(json: json), case .object(let members) = value["models"] ?? .null else {
            throw PriceTableError(message: "it must be a JSON object with an object \"models\"")
        }
        guard let version = value["version"]?.stringValue, !version.isEmpty, let date = value["date"]?.stringValue,
            date.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil
        else { throw PriceTableError(message: "it needs a \"version\" and a \"date\" such as 2026-11-27") }
        var models: [String: ModelPrice] = [:]
        for (name, prices) in members {
            let input = try Self.price(prices["input"], "\(name).input")
            models[name.lowercased()] = ModelPrice(
                input: input, output: try Self.price(prices["output"], "\(name).output"),
                cacheRead: try Self.price(prices["cache_read"] ?? .number(input), "\(name).cache_read"),
                cacheWrite: try Self.price(prices["cache_write"] ?? .number(input), "\(name).cache_write"))
        }
        self.init(version: version, date: date, models: models)
    }

    private static func price(_ value: JSONValue?, _ key: String) throws(PriceTableError) -> Double {
        guard let price = value?.doubleValue, price >= 0, price < 100_000 else {
            throw PriceTableError(message: "\"models.\(key)\" must be dollars for a million tokens")
        }
        return price
    }

    /// This table with the models of `other` before its own, and the version and date of `other`.
    package func overridden(by other: PriceTable) -> PriceTable {
        PriceTable(version: other.version, date: other.date, models: models.merging(other.models) { $1 })
    }

    /// Nil for a model that is not in the table. A provider before the name, as in `openai/gpt-5`, and a date or
    /// `-latest` after it do not matter; any other difference does: models of one family differ in price.
    package func price(of model: String) -> ModelPrice? {
        let name = model.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if let price = models[name] { return price }
        guard let suffix = name.firstMatch(of: /(?:[-@](?:20\d{6}|20\d\d-\d\d-\d\d)|-latest)$/) else { return nil }
        return models[String(name[..<suffix.range.lowerBound])]
    }

    /// Nil when one of the models that used tokens is unpriced, or when the agent did not name it.
    package func cost(of usage: [String: ModelUsage]) -> Double? {
        var sum = 0.0
        for (model, usage) in usage where usage.tokens != TokenUsage() {
            guard let price = price(of: model) else { return nil }
            sum += price.cost(of: usage.tokens)
        }
        return usage.isEmpty ? nil : Money.rounded(sum)
    }
}
