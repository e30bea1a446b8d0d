package import Foundation

/// One line of a task's append-only history.
package struct EventRecord: Sendable, Hashable, Codable {
    /// Grows with every event of the database.
    package var id: Int
    package var taskID: TaskID?
    /// Dotted, as `step.started`.
    package var kind: String
    package var detail: JSONValue
    package var createdAt: Date

    package init(id: Int, taskID: TaskID?, kind: String, detail: JSONValue, createdAt: Date) {
        self.id = id
        self.taskID = taskID
        self.kind = kind
        self.detail = detail
        self.createdAt = createdAt
    }
}
