package import Foundation

/// What a person asked for on one repository.
package struct TaskRecord: Sendable, Hashable, Codable {
    package var id: TaskID
    package var repositoryID: RepositoryID
    /// The short number people type; unique in the database.
    package var number: Int
    package var title: String
    package var prompt: String
    package var status: TaskStatus
    package var stage: String?
    package var labels: [String]
    package var error: String?
    package var createdAt: Date
    package var startedAt: Date?
    package var completedAt: Date?

    package init(
        id: TaskID = .init(), repositoryID: RepositoryID, number: Int = 0, title: String, prompt: String,
        status: TaskStatus = .queued, stage: String? = nil, labels: [String] = [], error: String? = nil,
        createdAt: Date = .distantPast, startedAt: Date? = nil, completedAt: Date? = nil
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.number = number
        self.title = title
        self.prompt = prompt
        self.status = status
        self.stage = stage
        self.labels = labels
        self.error = error
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.completedAt = completedAt
    }
}
