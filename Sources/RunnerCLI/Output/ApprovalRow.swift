import Engine
import Foundation
import RunnerCore
import Store

/// A decision that a task waits for, as `runner approvals --json` prints it.
struct ApprovalRow: Encodable {
    let task: Int
    let title: String
    let run: Int
    let step: String
    let message: String
    let commit: String?
    let rework: String?
    let requestedAt: Date
    let expiresAt: Date?
    /// `gate`, or `permission` for what a running agent asks.
    let kind: String

    init(_ pending: PendingApproval) {
        task = pending.task.number
        title = pending.task.title
        run = pending.runNumber
        step = pending.approval.stepKey
        message = pending.approval.message
        commit = pending.approval.commit
        rework = pending.approval.rework
        requestedAt = pending.approval.requestedAt
        expiresAt = pending.approval.expiresAt
        kind = "gate"
    }

    init(_ question: PermissionQuestion, title: String) {
        task = question.task
        self.title = title
        run = question.run
        step = question.step
        message = question.detail.isEmpty ? question.title : "\(question.title): \(question.detail)"
        commit = nil
        rework = nil
        requestedAt = question.askedAt
        expiresAt = question.expiresAt
        kind = "permission"
    }
}
