import Foundation
import RunnerCore

/// What lines of a program's output mean: regular expressions whose first group is the value.
struct OutputPatterns: Sendable, Hashable {
    /// Longer lines are matched in their beginning only, which bounds the cost of a bad expression.
    private static let maximumBytes = 4096

    let session: NSRegularExpression?
    let message: NSRegularExpression?
    let inputTokens: NSRegularExpression?
    let outputTokens: NSRegularExpression?
    let cachedTokens: NSRegularExpression?
    let cost: NSRegularExpression?
    let error: NSRegularExpression?
    let limit: NSRegularExpression?
    /// Where there is one, only output with such a line is a success.
    let success: NSRegularExpression?

    private static let keys = [
        "session", "message", "input-tokens", "output-tokens", "cached-tokens", "cost", "error", "limit", "success",
    ]

    init(_ outer: OptionReader, _ key: String) throws(AgentsError) {
        let given = outer.value(key) ?? .object([:])
        guard case .object(let members) = given else { throw outer.wrongType(key, "a map of patterns", given) }
        let reader = try OptionReader(agent: outer.agent, options: members, known: Self.keys)
        session = try Self.pattern("session", reader)
        message = try Self.pattern("message", reader)
        inputTokens = try Self.pattern("input-tokens", reader)
        outputTokens = try Self.pattern("output-tokens", reader)
        cachedTokens = try Self.pattern("cached-tokens", reader)
        cost = try Self.pattern("cost", reader)
        error = try Self.pattern("error", reader)
        limit = try Self.pattern("limit", reader)
        success = try Self.pattern("success", reader)
    }

    private static func pattern(_ key: String, _ reader: OptionReader) throws(AgentsError) -> NSRegularExpression? {
        guard let text = try reader.string(key) else { return nil }
        do {
            return try NSRegularExpression(pattern: text)
        } catch {
            throw reader.invalid(key, "\"\(text.keepingHead(bytes: 80))\" is no regular expression")
        }
    }

    /// The first group that took part, or the whole match where the expression has no group; nil without a match.
    static func value(_ pattern: NSRegularExpression?, in line: String) -> String? {
        guard let pattern else { return nil }
        let head = line.keepingHead(bytes: maximumBytes)
        guard let match = pattern.firstMatch(in: head, range: NSRange(head.startIndex..., in: head)) else { return nil }
        let groups = match.numberOfRanges > 1 ? Array(1..<match.numberOfRanges) : [0]
        for group in groups {
            if let range = Range(match.range(at: group), in: head) { return String(head[range]) }
        }
        return ""
    }

    /// A count of tokens: "12345", "12,345", or rounded as "2.5k" and "1.2M".
    static func count(_ pattern: NSRegularExpression?, in line: String) -> Int? {
        guard let text = value(pattern, in: line)?.trimmingCharacters(in: .whitespaces) else { return nil }
        if let factor = ["k": 1e3, "m": 1e6][text.suffix(1).lowercased()] {
            let number = Double(text.dropLast().filter { $0.isNumber || $0 == "." }) ?? -1
            return number >= 0 && number * factor < 1e9 ? Int((number * factor).rounded()) : nil
        }
        return Int(text.filter(\.isNumber)).flatMap { $0 < 1_000_000_000 ? $0 : nil }
    }

    /// An amount of money: "0.25", "$0.25" or "1,234.50"; a comma that could be a decimal point is none that is known.
    static func amount(_ pattern: NSRegularExpression?, in line: String) -> Double? {
        guard var text = value(pattern, in: line)?.trimmingCharacters(in: .whitespaces) else { return nil }
        if text.hasPrefix("$") { text.removeFirst() }
        if text.wholeMatch(of: /\d{1,3}(,\d{3})+\.\d+/) != nil { text.removeAll { $0 == "," } }
        return Double(text).flatMap { (0..<1e9).contains($0) ? $0 : nil }
    }
}
