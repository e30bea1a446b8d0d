package import Foundation

/// One node of the workflow inside a run.
package struct StepRecord: Sendable, Hashable, Codable {
    package var id: StepID
    package var runID: RunID
    /// The group that it belongs to; nil at the top.
    package var parentID: StepID?
    /// 0-based order in the workflow; there may be gaps where groups can get more steps.
    package var position: Int
    package var key: String
    /// `run`, `agent`, `setup`, `approval` or a kind of group.
    package var kind: String
    package var stage: String?
    package var status: StepStatus
    /// Attempts before the last restart, which count no more.
    package var earlierAttempts: Int
    /// Of a group: its present round, or how many turns it has; 0 before it began.
    package var turn: Int
    package var startedAt: Date?
    package var finishedAt: Date?

    package init(
        id: StepID = .init(), runID: RunID, parentID: StepID? = nil, position: Int, key: String, kind: String,
        stage: String? = nil,
        status: StepStatus = .pending, earlierAttempts: Int = 0, turn: Int = 0, startedAt: Date? = nil,
        finishedAt: Date? = nil
    ) {
        self.id = id
        self.runID = runID
        self.parentID = parentID
        self.position = position
        self.key = key
        self.kind = kind
        self.stage = stage
        self.status = status
        self.earlierAttempts = earlierAttempts
        self.turn = turn
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
