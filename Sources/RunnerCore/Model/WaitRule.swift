/// Which ends of a task let a run go on that waits for it.
package enum WaitRule: String, Sendable, Codable, CaseIterable {
    /// Only a completed one; after another end the waiting run is cancelled.
    case completed
    /// Any.
    case ended
}
