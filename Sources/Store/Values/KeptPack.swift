package import Foundation
package import RunnerCore

/// What the database keeps of a run's newest checkpoint for other hosts; the bytes are read by themselves.
package struct KeptPack: Sendable, Hashable {
    package enum State: String, Sendable {
        case complete
        /// It was above the cap, and nothing of it is kept.
        case tooLarge = "too_large"
    }

    package var id: UUID
    package var attemptID: AttemptID
    package var state: State
    package var baseCommit: String
    /// The tip of the task's branch.
    package var headCommit: String
    /// Commits by the full names of their references.
    package var refs: [String: String]
    /// Bytes; 0 when there is nothing beyond the base, nil above the cap.
    package var size: Int?
    package var sha256: [UInt8]?

    package init(
        id: UUID = UUID(), attemptID: AttemptID, state: State, baseCommit: String, headCommit: String,
        refs: [String: String], size: Int?, sha256: [UInt8]?
    ) {
        self.id = id
        self.attemptID = attemptID
        self.state = state
        self.baseCommit = baseCommit
        self.headCommit = headCommit
        self.refs = refs
        self.size = size
        self.sha256 = sha256
    }
}
