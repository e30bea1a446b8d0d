/// What a model's tokens cost, in US dollars for a million of each kind.
package struct ModelPrice: Sendable, Hashable, Codable {
    package var input: Double
    package var output: Double
    package var cacheRead: Double
    package var cacheWrite: Double

    package init(input: Double, output: Double, cacheRead: Double, cacheWrite: Double) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }

    /// US dollars.
    package func cost(of tokens: TokenUsage) -> Double {
        let sum =
            Double(tokens.input) * input + Double(tokens.output) * output + Double(tokens.cacheRead) * cacheRead
            + Double(tokens.cacheWrite) * cacheWrite
        return Money.rounded(sum / 1_000_000)
    }
}
