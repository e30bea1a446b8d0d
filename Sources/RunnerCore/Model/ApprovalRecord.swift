package import Foundation

package typealias ApprovalID = Identifier<ApprovalRecord>

/// A gate of a run: what a person was asked, about what, and how they decided.
package struct ApprovalRecord: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        case pending, approved, rejected, expired
    }

    package var id: ApprovalID
    package var stepID: StepID
    package var stepKey: String
    package var status: Status
    package var message: String
    /// The commit that held the worktree when it was asked.
    package var commit: String?
    /// Its tree: what the worktree is compared with.
    package var tree: String?
    /// SHA-256 of what the steps before had put out, in hexadecimal.
    package var outputsSHA256: String?
    /// The step to which a rejection goes back.
    package var rework: String?
    package var requestedAt: Date
    package var expiresAt: Date?
    package var decidedAt: Date?
    package var decidedBy: String?
    package var notes: String?

    package init(
        id: ApprovalID = ApprovalID(), stepID: StepID, stepKey: String, status: Status = .pending, message: String,
        commit: String? = nil, tree: String? = nil, outputsSHA256: String? = nil, rework: String? = nil,
        requestedAt: Date, expiresAt: Date? = nil, decidedAt: Date? = nil, decidedBy: String? = nil,
        notes: String? = nil
    ) {
        self.id = id
        self.stepID = stepID
        self.stepKey = stepKey
        self.status = status
        self.message = message
        self.commit = commit
        self.tree = tree
        self.outputsSHA256 = outputsSHA256
        self.rework = rework
        self.requestedAt = requestedAt
        self.expiresAt = expiresAt
        self.decidedAt = decidedAt
        self.decidedBy = decidedBy
        self.notes = notes
    }
}
