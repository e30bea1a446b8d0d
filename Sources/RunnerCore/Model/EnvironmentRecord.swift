package import Foundation

/// A worktree, its branch and its deadline.
package struct EnvironmentRecord: Sendable, Hashable, Codable {
    package var id: EnvironmentID
    package var repositoryID: RepositoryID
    package var taskID: TaskID
    package var host: String
    package var worktreePath: String
    package var branch: String
    package var baseCommit: String
    package var headCommit: String?
    package var status: EnvironmentStatus
    package var lastAccessed: Date
    /// When the worktree may be removed; nil while its run is going on, and for ever when `kept` is true.
    package var cleanupAfter: Date?
    /// A person said to keep it for ever.
    package var kept: Bool
    /// The ref of the newest snapshot, when the worktree was removed.
    package var snapshotRef: String?
    /// Ports that nobody else on the host has, for what its steps serve; none once it has ended.
    package var ports: [Int]
    package var createdAt: Date

    package init(
        id: EnvironmentID = .init(), repositoryID: RepositoryID, taskID: TaskID, host: String, worktreePath: String,
        branch: String, baseCommit: String, headCommit: String? = nil, status: EnvironmentStatus = .initializing,
        lastAccessed: Date = .distantPast, cleanupAfter: Date? = nil, kept: Bool = false, snapshotRef: String? = nil,
        ports: [Int] = [], createdAt: Date = .distantPast
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.taskID = taskID
        self.host = host
        self.worktreePath = worktreePath
        self.branch = branch
        self.baseCommit = baseCommit
        self.headCommit = headCommit
        self.status = status
        self.lastAccessed = lastAccessed
        self.cleanupAfter = cleanupAfter
        self.kept = kept
        self.snapshotRef = snapshotRef
        self.ports = ports
        self.createdAt = createdAt
    }
}
