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
    package var removal: RemovalState
    /// Why a removal was begun before a person or the deadline asked for it.
    package var removalReason: String?
    /// The administrative folder's name in the hub, where it is not the folder's own name.
    package var adminName: String?
    /// When the deadline was set; what people did since then can postpone it.
    package var deadlineSetAt: Date
    /// Somebody was at work when the deadline came: it is looked at again at this time.
    package var postponedUntil: Date?
    package var postponedReason: String?
    package var lockedAt: Date?
    package var lockReason: String?
    /// Where the removed directory is until `trashUntil`.
    package var trashPath: String?
    package var trashUntil: Date?
    /// Bytes on the disk when it was measured last.
    package var sizeBytes: Int?
    /// The part of them that can be made again: caches and build products that Git ignores.
    package var derivedBytes: Int?
    package var measuredAt: Date?

    /// When the removal is due, postponements counted.
    package var dueAt: Date? {
        cleanupAfter.map { max($0, postponedUntil ?? $0) }
    }

    package init(
        id: EnvironmentID = .init(), repositoryID: RepositoryID, taskID: TaskID, host: String, worktreePath: String,
        branch: String, baseCommit: String, headCommit: String? = nil, status: EnvironmentStatus = .initializing,
        lastAccessed: Date = .distantPast, cleanupAfter: Date? = nil, kept: Bool = false, snapshotRef: String? = nil,
        ports: [Int] = [], createdAt: Date = .distantPast, removal: RemovalState = .active,
        removalReason: String? = nil,
        adminName: String? = nil, deadlineSetAt: Date = .distantPast, postponedUntil: Date? = nil,
        postponedReason: String? = nil, lockedAt: Date? = nil, lockReason: String? = nil, trashPath: String? = nil,
        trashUntil: Date? = nil, sizeBytes: Int? = nil, derivedBytes: Int? = nil, measuredAt: Date? = nil
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
        self.removal = removal
        self.removalReason = removalReason
        self.adminName = adminName
        self.deadlineSetAt = deadlineSetAt
        self.postponedUntil = postponedUntil
        self.postponedReason = postponedReason
        self.lockedAt = lockedAt
        self.lockReason = lockReason
        self.trashPath = trashPath
        self.trashUntil = trashUntil
        self.sizeBytes = sizeBytes
        self.derivedBytes = derivedBytes
        self.measuredAt = measuredAt
    }
}
