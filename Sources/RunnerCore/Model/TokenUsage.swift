/// Tokens of one attempt. `input` never includes cached tokens; adapters whose agents count otherwise subtract.
///
/// No count is above `limit`, so that the four of them, and two such values, can be added.
package struct TokenUsage: Sendable, Hashable, Codable {
    package var input: Int
    package var output: Int
    package var cacheRead: Int
    package var cacheWrite: Int

    /// Larger counts are nonsense.
    package static let limit = 1_000_000_000_000_000_000

    package init(input: Int = 0, output: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0) {
        self.input = min(input, Self.limit)
        self.output = min(output, Self.limit)
        self.cacheRead = min(cacheRead, Self.limit)
        self.cacheWrite = min(cacheWrite, Self.limit)
    }

    /// Of every kind together.
    package var total: Int { input + output + cacheRead + cacheWrite }

    package static func + (a: TokenUsage, b: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: a.input + b.input, output: a.output + b.output, cacheRead: a.cacheRead + b.cacheRead,
            cacheWrite: a.cacheWrite + b.cacheWrite)
    }
}
