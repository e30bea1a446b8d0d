package import RunnerCore

/// A gate at which a task waits.
package struct PendingApproval: Sendable {
    package var task: TaskRecord
    package var runNumber: Int
    package var approval: ApprovalRecord
}
