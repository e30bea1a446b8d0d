import Foundation

/// What may be spent: money, tokens or both; at least one of them is set.
package struct Budget: Sendable, Hashable, Codable {
    /// US dollars, above zero.
    package var usd: Double?
    /// Of every kind together, cached ones included; above zero.
    package var tokens: Int?

    package init(usd: Double? = nil, tokens: Int? = nil) {
        self.usd = usd
        self.tokens = tokens
    }

    /// Larger amounts are slips.
    static let mostUSD = 1e9
    static let mostTokens = 1_000_000_000_000_000

    /// `5`, `$5.00`, `2M tokens` or `5, 2M tokens`; nil for anything else, nothing and zero included.
    package init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.trimmingCharacters(in: .whitespaces)
            if let word = ["tokens", "token"].first(where: { part.lowercased().hasSuffix($0) }) {
                guard tokens == nil, let count = Budget.count(part.dropLast(word.count)) else { return nil }
                tokens = count
            } else {
                guard usd == nil, let amount = Budget.amount(part.hasPrefix("$") ? part.dropFirst() : part[...]) else {
                    return nil
                }
                usd = amount
            }
        }
    }

    /// `$5.00, 2000000 tokens`, as `init` reads it.
    package var text: String {
        [usd.map(Budget.text(usd:)), tokens.map { "\($0) tokens" }].compactMap { $0 }.joined(separator: ", ")
    }

    /// `$5.00`, and up to the sixth digit after the point where cents do not tell it.
    package static func text(usd: Double) -> String {
        "$"
            + usd.formatted(
                .number.precision(.fractionLength(2...6)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
    }

    /// Whole millionths of a dollar, from one on.
    static func amount(_ text: Substring) -> Double? {
        guard let value = number(text) else { return nil }
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded > 0 && rounded <= mostUSD ? rounded : nil
    }

    private static func number(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), text.utf8.count <= 20,
            text.first != ".", text.last != "."
        else { return nil }
        return Double(text)
    }

    /// A whole number, written with a point and a unit or without: `2.01M`. By digits, as 2.01 times a million is no
    /// whole number to a processor.
    static func count(_ text: Substring) -> Int? {
        var digits = text.trimmingCharacters(in: .whitespaces)
        var zeros = 0
        if let letter = digits.last.map({ $0.lowercased() }), let size = ["k": 3, "m": 6, "g": 9][letter] {
            zeros = size
            digits.removeLast()
        }
        guard number(Substring(digits)) != nil else { return nil }
        let parts = digits.split(separator: ".")
        var fraction = parts.count > 1 ? String(parts[1]) : ""
        while fraction.last == "0" { fraction.removeLast() }
        guard fraction.count <= zeros else { return nil }
        let whole = parts[0] + fraction + String(repeating: "0", count: zeros - fraction.count)
        return Int(whole).flatMap { (1...mostTokens).contains($0) ? $0 : nil }
    }
}
