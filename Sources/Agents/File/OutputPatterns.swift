import Foundation
import RunnerCore

/// What lines of a program's output mean: regular expressions whose first group is the value.
struct OutputPatterns: Sendable, Hashable {
    /// Of longer lines only their beginning and their end are matched.
    private static let maximumBytes = 4096

    private var patterns: [String: OutputPattern]

    static let keys = [
        "session", "message", "tool", "tool-input", "input-tokens", "output-tokens", "cached-tokens", "cost", "error",
        "limit", "success",
    ]

    init(_ outer: OptionReader, _ key: String) throws(AgentsError) {
        let given = outer.value(key) ?? .object([:])
        guard case .object(let members) = given else { throw outer.wrongType(key, "a map of patterns", given) }
        let reader = try OptionReader(agent: outer.agent, options: members, known: Self.keys)
        var patterns: [String: OutputPattern] = [:]
        for name in members.keys.sorted() {
            guard let text = try reader.string(name) else { continue }
            guard let pattern = OutputPattern(text) else {
                throw reader.invalid(name, "\"\(text.keepingHead(bytes: 80))\" is no regular expression")
            }
            patterns[name] = pattern
        }
        self.patterns = patterns
    }

    /// Where `success` is told, only output with such a line is a success.
    func tells(_ key: String) -> Bool { patterns[key] != nil }

    /// The kinds of figures that are told at all, as ones.
    var wanted: UsageFigures {
        UsageFigures(
            input: tells("input-tokens") ? 1 : nil, output: tells("output-tokens") ? 1 : nil,
            cached: tells("cached-tokens") ? 1 : nil, cost: tells("cost") ? 1 : nil)
    }

    /// A pattern that takes too long for the line is named, and not looked for again.
    mutating func findings(in line: String) -> OutputFindings {
        var found = OutputFindings()
        guard !patterns.isEmpty else { return found }
        func value(_ key: String) -> String? {
            do throws(OutputPattern.TooSlow) {
                return try patterns[key].flatMap { pattern throws(OutputPattern.TooSlow) in
                    try Self.value(pattern, in: line)
                }
            } catch {
                found.tooSlow.append(key)
                return nil
            }
        }
        found.session = value("session")
        found.messages = [value("message")].compactMap { $0 }
        found.tools = value("tool").map { [OutputFindings.Tool(name: $0, input: value("tool-input"))] } ?? []
        found.figures = UsageFigures(
            input: value("input-tokens").flatMap(FigureText.count),
            output: value("output-tokens").flatMap(FigureText.count),
            cached: value("cached-tokens").flatMap(FigureText.count), cost: value("cost").flatMap(FigureText.amount))
        found.limit = value("limit")
        found.error = value("error")
        found.isSuccess = value("success") != nil
        for key in found.tooSlow { patterns[key] = nil }
        return found
    }

    /// The first group that took part, or the whole match where the expression has no group; nil without a match.
    private static func value(_ pattern: OutputPattern, in line: String) throws(OutputPattern.TooSlow) -> String? {
        let head = line.keepingHead(bytes: maximumBytes)
        if let found = try value(pattern, in: head, NSRange(head.startIndex..., in: head)) { return found }
        guard line.utf8.count > maximumBytes else { return nil }
        // With a little of what is before it, so that its beginning is not taken for that of the line.
        let tail = line.keepingTail(bytes: maximumBytes)
        let all = NSRange(tail.startIndex..., in: tail)
        return try value(pattern, in: tail, NSRange(location: min(1, all.length), length: max(all.length - 1, 0)))
    }

    private static func value(
        _ pattern: OutputPattern, in text: String, _ range: NSRange
    ) throws(OutputPattern.TooSlow) -> String? {
        guard let match = try pattern.firstMatch(in: text, range) else { return nil }
        let groups = match.numberOfRanges > 1 ? Array(1..<match.numberOfRanges) : [0]
        for group in groups {
            if let range = Range(match.range(at: group), in: text) { return String(text[range]) }
        }
        return ""
    }
}
