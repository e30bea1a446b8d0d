import Foundation
import RunnerCore

/// A run as JSON shows it, without the workflow's text.
struct RunView: Encodable {
    let id: RunID
    let number: Int
    let workflow: String
    let workflowVersion: Int
    let status: RunStatus
    let error: String?
    /// When a waiting run goes on by itself.
    let dueAt: Date?
    /// Why it waits, with the budget that is used up where it is one.
    let hold: RunHold?
    let startedAt: Date?
    let finishedAt: Date?
    let steps: [StepView]

    init(run: RunRecord, steps: [StepView]) {
        id = run.id
        number = run.number
        workflow = run.workflowName
        workflowVersion = run.workflowVersion
        status = run.status
        error = run.error
        dueAt = run.dueAt
        hold = run.hold
        startedAt = run.startedAt
        finishedAt = run.finishedAt
        self.steps = steps
    }
}
