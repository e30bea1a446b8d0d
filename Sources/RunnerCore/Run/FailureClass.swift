/// What kind of failure ended an attempt, when more is known than that it failed.
package enum FailureClass: String, Sendable, Codable, CaseIterable {
    /// Likely to pass: a network fault, an overloaded service.
    case transient
    /// Another try cannot help: bad credentials, an unknown model, a program that is not there.
    case permanent
    /// A rate or usage limit.
    case limit
    /// The agent stopped because a budget that the runner had given it was used up.
    case budget
}
