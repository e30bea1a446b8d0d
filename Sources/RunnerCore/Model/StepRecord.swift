package import Foundation

/// One node of the workflow inside a run.
package struct StepRecord: Sendable, Hashable, Codable {
    package var id: StepID
    package var runID: RunID
    /// 0-based order in the workflow.
    package var position: Int
    package var key: String
    /// `run`, `agent` or `setup`.
    package var kind: String
    package var stage: String?
    package var status: StepStatus
    /// Attempts before the last restart, which count no more.
    package var earlierAttempts: Int
    package var startedAt: Date?
    package var finishedAt: Date?

    package init(
        id: StepID = .init(), runID: RunID, position: Int, key: String, kind: String, stage: String? = nil,
        status: StepStatus = .pending, earlierAttempts: Int = 0, startedAt: Date? = nil, finishedAt: Date? = nil
    ) {
        self.id = id
        self.runID = runID
        self.position = position
        self.key = key
        self.kind = kind
        self.stage = stage
        self.status = status
        self.earlierAttempts = earlierAttempts
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
