/// An account that is at its limit for a while.
package struct AccountLimit: Sendable, Hashable, Codable {
    package var account: String
    package var agent: String
    /// Seconds until it is over, by the server's clock.
    package var seconds: Double
    package var reason: String

    package var delay: Duration { .seconds(seconds) }
}
