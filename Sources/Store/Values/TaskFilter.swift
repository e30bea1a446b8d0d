package import RunnerCore

/// Which tasks a list shows; an absent part lets all through.
package struct TaskFilter: Sendable, Hashable {
    /// Empty lets all through.
    package var statuses: [TaskStatus]
    package var repositoryID: RepositoryID?
    package var projectID: ProjectID?
    package var stage: String?
    package var limit: Int

    package init(
        statuses: [TaskStatus] = [], repositoryID: RepositoryID? = nil, projectID: ProjectID? = nil,
        stage: String? = nil, limit: Int = 50
    ) {
        self.statuses = statuses
        self.repositoryID = repositoryID
        self.projectID = projectID
        self.stage = stage
        self.limit = limit
    }
}
