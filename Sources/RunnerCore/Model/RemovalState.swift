/// How far the removal of a worktree has come; each step is recorded before the next one is begun.
package enum RemovalState: String, Sendable, Codable, CaseIterable {
    /// No removal is going on.
    case active
    /// Chosen for removal: nothing has been done yet.
    case expiring
    /// The gates were passed and the last state of the branch is kept.
    case quiet
    /// A snapshot is on the disk.
    case saved
    /// The snapshot was compared with the worktree; where the directory will go is recorded.
    case verified
    /// The directory is in the trash and can come back as it is until its undo window ends.
    case trashed
    /// The directory is deleted.
    case removed
    /// The directory went by other hands; its references and a snapshot of its Git state remain.
    case vanished

    /// The status of an environment that stands here.
    package var status: EnvironmentStatus {
        switch self {
        case .active: .idle
        case .expiring, .quiet, .saved, .verified: .cleaning
        case .trashed, .removed, .vanished: .terminated
        }
    }
}
