package import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Begins a removal: only an idle environment that nobody keeps or locked; false when it is none.
    package func beginRemoval(_ id: EnvironmentID, reason: String?) async throws -> Bool {
        try await client.execute(
            """
            update runner.environments set status = 'cleaning', removal = 'expiring', removal_reason = \(reason)
            where id = \(id) and status = 'idle' and not kept and locked_at is null
            """) == 1
    }

    /// Moves a removal on if it is still in one of the states `from`; false when it is not.
    ///
    /// Repeating a step is harmless: `from` may hold the state itself. A person's wish to keep or lock the environment
    /// that came meanwhile stops every step before the trash.
    package func advanceRemoval(
        _ id: EnvironmentID, from: [RemovalState], to state: RemovalState
    ) async throws -> Bool {
        // What is in the trash or gone is a fact; before that the person's wish goes first.
        let ends = state.status == .terminated
        return try await client.execute(
            """
            update runner.environments set status = \(state.status), removal = \(state),
                cleanup_after = case when \(ends) then null else cleanup_after end,
                trash_path = case when \(state) = 'removed' then null else trash_path end,
                trash_until = case when \(state) = 'removed' then null else trash_until end
            where id = \(id) and removal = any(\(from.map(\.rawValue)))
              and status in ('idle', 'cleaning', 'terminated')
              and (\(ends) or (not kept and locked_at is null))
            """) == 1
    }

    /// Notes where the directory is about to go and how long it can come back from there.
    package func planTrash(_ id: EnvironmentID, path: String, undo: Duration) async throws -> Bool {
        try await client.execute(
            """
            update runner.environments set removal = 'verified', trash_path = \(path),
                trash_until = now() + \(undo.interval)
            where id = \(id) and removal in ('saved', 'verified') and not kept and locked_at is null
            """) == 1
    }

    /// Gives up a removal that has not moved the directory; false when there is none.
    package func abandonRemoval(_ id: EnvironmentID) async throws -> Bool {
        try await setEnvironmentStatus(id, from: [.cleaning], to: .idle)
    }

    /// Puts the next look at a due environment off, never before `until` of an earlier one.
    package func postpone(_ id: EnvironmentID, until: Date, reason: String) async throws {
        try await client.execute(
            """
            update runner.environments set postponed_until = greatest(postponed_until, \(until)),
                postponed_reason = \(reason)
            where id = \(id) and cleanup_after is not null
            """)
    }

    /// Locks the worktree against any removal, or unlocks it; nil when it was removed or is being moved to the trash.
    package func setLock(_ id: EnvironmentID, locked: Bool, reason: String?) async throws -> EnvironmentRecord? {
        let sql: SQL = """
            with e as (
                update runner.environments set
                    locked_at = case when \(locked) then coalesce(locked_at, now()) end,
                    lock_reason = case when \(locked) then \(reason)::text end
                where id = \(id) and status <> 'terminated' and removal <> 'verified'
                returning *
            )
            select \(columns(EnvironmentRecord.columnNames, of: "e")) from e
            """
        return try await client.query(sql).first.map { row in try EnvironmentRecord(row, "e") }
    }

    /// Notes that a person moved the directory; its status is `idle` again when it had vanished.
    package func relocate(
        _ id: EnvironmentID, to path: String, adminName: String, retention: Duration
    ) async throws {
        try await client.execute(
            """
            update runner.environments set worktree_path = \(path), admin_name = \(adminName),
                status = case when removal = 'vanished' then 'idle' else status end,
                cleanup_after = case when removal = 'vanished' and not kept
                                     then now() + coalesce(retention, \(retention.interval))
                                     else cleanup_after end
            where id = \(id)
            """)
    }

    /// Notes what a worktree takes on the disk, in bytes.
    package func setSize(_ id: EnvironmentID, bytes: Int, derived: Int) async throws {
        try await client.execute(
            """
            update runner.environments set size_bytes = \(bytes), derived_bytes = \(derived), measured_at = now()
            where id = \(id)
            """)
    }
}
