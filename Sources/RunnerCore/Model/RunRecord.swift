package import Foundation

/// One execution of a workflow version for a task.
package struct RunRecord: Sendable, Hashable, Codable {
    package var id: RunID
    package var taskID: TaskID
    /// 1 for the task's first run.
    package var number: Int
    package var workflowName: String
    package var workflowVersion: Int
    /// The frozen text this run executes.
    package var workflowSource: String
    package var environmentID: EnvironmentID?
    package var status: RunStatus
    package var context: JSONValue
    package var ownerSessionID: SessionID?
    /// Raised by every claim; a write that carries an older fence is refused.
    package var fence: Int
    /// How often a dead worker's run was taken over since an attempt finished last.
    package var takeovers: Int
    /// The only host that can execute it, where its repository is on one machine's disk.
    package var host: String?
    /// When a waiting run goes on by itself.
    package var dueAt: Date?
    /// Why it waits; nil where a person or other tasks are waited for, and when it does not wait.
    package var hold: RunHold?
    package var cancelRequestedAt: Date?
    package var error: String?
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?

    package init(
        id: RunID, taskID: TaskID, number: Int, workflowName: String, workflowVersion: Int, workflowSource: String,
        environmentID: EnvironmentID?, status: RunStatus, context: JSONValue, ownerSessionID: SessionID?, fence: Int,
        takeovers: Int = 0, host: String? = nil, dueAt: Date? = nil, hold: RunHold? = nil, cancelRequestedAt: Date?,
        error: String?,
        createdAt: Date, startedAt: Date?, finishedAt: Date?
    ) {
        self.id = id
        self.taskID = taskID
        self.number = number
        self.workflowName = workflowName
        self.workflowVersion = workflowVersion
        self.workflowSource = workflowSource
        self.environmentID = environmentID
        self.status = status
        self.context = context
        self.ownerSessionID = ownerSessionID
        self.fence = fence
        self.takeovers = takeovers
        self.host = host
        self.dueAt = dueAt
        self.hold = hold
        self.cancelRequestedAt = cancelRequestedAt
        self.error = error
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
