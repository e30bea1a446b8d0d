package import RunnerCore

/// Which environments a list shows; an absent part lets all through.
package struct EnvironmentFilter: Sendable, Hashable {
    package var host: String?
    /// Only those whose deadline has passed by the server's clock, the longest overdue first.
    package var dueOnly: Bool
    /// Empty lets all through.
    package var statuses: [EnvironmentStatus]
    /// Empty lets all through.
    package var removals: [RemovalState]
    package var repositoryID: RepositoryID?

    package init(
        host: String? = nil, dueOnly: Bool = false, statuses: [EnvironmentStatus] = [],
        removals: [RemovalState] = [], repositoryID: RepositoryID? = nil
    ) {
        self.host = host
        self.dueOnly = dueOnly
        self.statuses = statuses
        self.removals = removals
        self.repositoryID = repositoryID
    }
}
