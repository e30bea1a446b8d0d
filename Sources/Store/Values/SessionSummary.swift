package import RunnerCore

/// A session with what it is at work on, as the server's clock sees it.
package struct SessionSummary: Sendable {
    package var session: SessionRecord
    /// Whether its lease holds; false for one that has ended.
    package var isAlive: Bool
    package var secondsSinceHeartbeat: Double
    /// Nil without a lease; negative when it ran out.
    package var leaseSeconds: Double?
    /// Numbers of the tasks whose runs it owns.
    package var tasks: [Int]
}
