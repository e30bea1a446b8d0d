package import RunnerCore

/// An ended attempt of an agent with its rows in the ledger, for reckoning them again.
package struct LedgerRow: Sendable {
    package var attempt: AttemptRecord
    package var taskNumber: Int
    package var runID: RunID
    package var stepKey: String
    /// What its decoder was shown of the files that it left.
    package var reports: String?
    /// Sorted by model.
    package var usage: [UsageEntry]
}
