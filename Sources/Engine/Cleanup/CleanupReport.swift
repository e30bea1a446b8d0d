/// What happened, or would happen, to one environment, and why.
package struct CleanupReport: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable {
        case removed
        /// A dry run: it would be removed.
        case removable
        case kept
        /// The folder was gone already; its branch and checkpoints remain.
        case vanished
    }

    /// The task's number.
    package var task: Int
    package var path: String
    package var branch: String
    package var outcome: Outcome
    /// The ref that holds everything that was there.
    package var snapshot: String?
    /// Why it is kept, or what was not saved, one sentence each.
    package var reasons: [String]
}
