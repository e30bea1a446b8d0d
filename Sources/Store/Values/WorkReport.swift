package import RunnerCore

/// What there is to do for a worker, found in one look that changes nothing.
package struct WorkReport: Sendable {
    /// There may be a run to claim: one that is queued, or one whose owner is dead.
    package var hasClaimable: Bool
    /// Until the first of the waiting runs with a time is due, by the server's clock; nil where none waits for a time.
    package var dueIn: Duration?
    /// No run is queued or at work, and no command of this host is about to make one of its own: whatever comes next
    /// comes with a notification, or at its time.
    package var isQuiet: Bool
    /// A newer program has brought the schema to a version that this one does not know.
    package var isOutgrown: Bool
    /// Runs of this session that somebody wants to be cancelled.
    package var cancelled: [RunID]
    /// Other living sessions of this host that own runs; their processes can be looked at.
    package var peers: [SessionRecord]

    /// A waiting run is due.
    package var hasDue: Bool { dueIn.map { $0 <= .zero } ?? false }
}
