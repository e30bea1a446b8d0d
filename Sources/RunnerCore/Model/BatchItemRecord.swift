package import Foundation

/// One item of a batch with the task that was made from it.
package struct BatchItemRecord: Sendable, Hashable, Codable {
    /// From 1, in the order of the file.
    package var item: Int
    package var status: BatchItemStatus
    package var title: String
    /// As the file has it.
    package var text: String
    /// What an agent made of it; nil before it was refined.
    package var refined: String?
    /// Whether the refined text is the one that counts.
    package var isAccepted: Bool
    /// The number of its task; nil before it began.
    package var task: Int?
    package var taskStatus: TaskStatus?
    package var error: String?
    package var startedAt: Date?
    package var finishedAt: Date?

    package init(
        item: Int, status: BatchItemStatus, title: String, text: String, refined: String?, isAccepted: Bool, task: Int?,
        taskStatus: TaskStatus?, error: String?, startedAt: Date?, finishedAt: Date?
    ) {
        self.item = item
        self.status = status
        self.title = title
        self.text = text
        self.refined = refined
        self.isAccepted = isAccepted
        self.task = task
        self.taskStatus = taskStatus
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
