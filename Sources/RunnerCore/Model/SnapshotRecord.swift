package import Foundation

/// A saved worktree: the commit that holds everything of it, and how long that is kept.
package struct SnapshotRecord: Sendable, Hashable, Codable {
    package enum Reason: String, Sendable, Codable, CaseIterable {
        /// Taken before the worktree was removed.
        case removal
        /// The directory was gone: only what the Git directory still knew is in it.
        case vanished
        /// A snapshot without a row, left by a crash.
        case found
        /// Taken before the worktree went back to an earlier step.
        case rewind
    }

    package var id: SnapshotID
    package var repositoryID: RepositoryID
    package var taskID: TaskID
    package var environmentID: EnvironmentID?
    package var host: String
    /// The number people type, counted for each task.
    package var number: Int
    package var ref: String
    package var commit: String?
    package var reason: Reason
    /// It was compared with the worktree, byte by byte.
    package var verified: Bool
    /// Bytes of the saved files; nil when unknown.
    package var bytes: Int?
    package var files: Int?
    /// What is not in it, one sentence each.
    package var notSaved: [String]
    package var expiresAfter: Date
    package var createdAt: Date

    package init(
        id: SnapshotID = .init(), repositoryID: RepositoryID, taskID: TaskID, environmentID: EnvironmentID?,
        host: String, number: Int, ref: String, commit: String?, reason: Reason, verified: Bool = false,
        bytes: Int? = nil, files: Int? = nil, notSaved: [String] = [], expiresAfter: Date = .distantFuture,
        createdAt: Date = .distantPast
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.taskID = taskID
        self.environmentID = environmentID
        self.host = host
        self.number = number
        self.ref = ref
        self.commit = commit
        self.reason = reason
        self.verified = verified
        self.bytes = bytes
        self.files = files
        self.notSaved = notSaved
        self.expiresAfter = expiresAfter
        self.createdAt = createdAt
    }
}
