import Foundation
import Postgres
import RunnerCore

extension EnvironmentRecord {
    static let columnNames = [
        "id", "repository_id", "task_id", "host", "worktree_path", "branch", "base_commit", "head_commit", "status",
        "last_accessed", "cleanup_after", "kept", "snapshot_ref", "ports", "created_at",
        "removal", "removal_reason", "admin_name", "deadline_set_at", "postponed_until", "postponed_reason",
        "locked_at", "lock_reason", "trash_path", "trash_until", "size_bytes", "derived_bytes", "measured_at",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            id: try column("id"), repositoryID: try column("repository_id"), taskID: try column("task_id"),
            host: try column("host"), worktreePath: try column("worktree_path"), branch: try column("branch"),
            baseCommit: try column("base_commit"), headCommit: try column.optional("head_commit"),
            status: try column("status"), lastAccessed: try column("last_accessed"),
            cleanupAfter: try column.optional("cleanup_after"), kept: try column("kept"),
            snapshotRef: try column.optional("snapshot_ref"), ports: try column("ports"),
            createdAt: try column("created_at"),
            removal: try column("removal"), removalReason: try column.optional("removal_reason"),
            adminName: try column.optional("admin_name"), deadlineSetAt: try column("deadline_set_at"),
            postponedUntil: try column.optional("postponed_until"),
            postponedReason: try column.optional("postponed_reason"), lockedAt: try column.optional("locked_at"),
            lockReason: try column.optional("lock_reason"), trashPath: try column.optional("trash_path"),
            trashUntil: try column.optional("trash_until"), sizeBytes: try column.optional("size_bytes"),
            derivedBytes: try column.optional("derived_bytes"), measuredAt: try column.optional("measured_at"))
    }
}
