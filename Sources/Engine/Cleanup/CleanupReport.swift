package import Foundation

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
    /// Why the tear-down failed, which keeps nothing.
    package var teardownError: String?
    /// Somebody was at work in it: it is looked at again at this time.
    package var postponedUntil: Date?
    /// Where the directory is until its undo window ends.
    package var trash: String?
    /// Milliseconds from the proof of the snapshot until the worktree's path was free.
    package var handoverMs: Double?
    /// What speaks for and against a removal; only where it was asked for.
    package var facts: CleanupFacts?

    package init(
        task: Int, path: String, branch: String, outcome: Outcome, snapshot: String? = nil, reasons: [String] = []
    ) {
        self.task = task
        self.path = path
        self.branch = branch
        self.outcome = outcome
        self.snapshot = snapshot
        self.reasons = reasons
    }
}
