package import RunnerCore

/// What there is to do for a worker, found in one look that changes nothing.
package struct WorkReport: Sendable {
    /// There may be a run to claim: one that is queued, or one whose owner is dead.
    package var hasClaimable: Bool
    /// A waiting run is due.
    package var hasDue: Bool
    /// A newer program has brought the schema to a version that this one does not know.
    package var isOutgrown: Bool
    /// Runs of this session that somebody wants to be cancelled.
    package var cancelled: [RunID]
    /// Other living sessions of this host that own runs; their processes can be looked at.
    package var peers: [SessionRecord]
}
