package import Foundation

/// Many tasks made from one list, worked through in order or side by side.
package struct BatchRecord: Sendable, Hashable, Codable {
    package var id: BatchID
    /// The short number people type.
    package var number: Int
    package var title: String
    package var repositoryID: RepositoryID?
    package var repositoryName: String
    package var workflowName: String
    package var status: BatchStatus
    /// Items at work at once.
    package var width: Int
    package var stopOnFailure: Bool
    package var error: String?
    package var total: Int
    package var pending: Int
    package var processing: Int
    package var completed: Int
    package var failed: Int
    package var cancelled: Int
    package var skipped: Int
    package var createdAt: Date
    package var startedAt: Date?
    package var finishedAt: Date?

    package init(
        id: BatchID, number: Int, title: String, repositoryID: RepositoryID?, repositoryName: String,
        workflowName: String, status: BatchStatus, width: Int, stopOnFailure: Bool, error: String?,
        counts: [BatchItemStatus: Int], createdAt: Date, startedAt: Date?, finishedAt: Date?
    ) {
        self.id = id
        self.number = number
        self.title = title
        self.repositoryID = repositoryID
        self.repositoryName = repositoryName
        self.workflowName = workflowName
        self.status = status
        self.width = width
        self.stopOnFailure = stopOnFailure
        self.error = error
        total = counts.values.reduce(0, +)
        pending = counts[.pending] ?? 0
        processing = counts[.processing] ?? 0
        completed = counts[.completed] ?? 0
        failed = counts[.failed] ?? 0
        cancelled = counts[.cancelled] ?? 0
        skipped = counts[.skipped] ?? 0
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
