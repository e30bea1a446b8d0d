/// How one try at a step stands or ended.
package enum AttemptStatus: String, Sendable, Codable, CaseIterable {
    case running, succeeded, failed
    case timedOut = "timed_out"
    case cancelled
    /// The worker or the machine went away before the attempt's end was known.
    case interrupted
}
