/// Tokens of one attempt. `input` never includes cached tokens; adapters whose agents count otherwise subtract.
package struct TokenUsage: Sendable, Hashable, Codable {
    package var input: Int
    package var output: Int
    package var cacheRead: Int
    package var cacheWrite: Int

    package init(input: Int = 0, output: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }

    package static func + (a: TokenUsage, b: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: a.input + b.input, output: a.output + b.output, cacheRead: a.cacheRead + b.cacheRead,
            cacheWrite: a.cacheWrite + b.cacheWrite)
    }
}
