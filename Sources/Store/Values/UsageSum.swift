package import RunnerCore

/// What many attempts used together.
package struct UsageSum: Sendable, Hashable, Codable {
    /// An agent, a model, a repository, a day in UTC or a task's number.
    package var key: String
    package var attempts: Int
    package var tokens: TokenUsage
    /// US dollars of what has a price; nil when nothing of it has.
    package var costUSD: Double?
    /// Tokens of all kinds whose price nobody knows: they are not in the cost.
    package var unpricedTokens: Int
    /// Attempts that ended before their agent told what it had used: they are in no other figure.
    package var untoldAttempts: Int
}
