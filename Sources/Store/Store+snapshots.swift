import Postgres
package import RunnerCore

extension Store {
    private static let snapshotColumns = columns(SnapshotRecord.columnNames, of: "s")

    /// Notes a snapshot that is on the disk; one with the same reference is replaced, for the reference was too.
    package func addSnapshot(_ snapshot: SnapshotRecord, retention: Duration) async throws {
        let notSaved = JSONValue.array(snapshot.notSaved.map(JSONValue.string))
        try await client.execute(
            """
            insert into runner.snapshots (id, repository_id, task_id, environment_id, host, number, ref, commit,
                reason, verified, bytes, files, not_saved, expires_after)
            values (\(snapshot.id), \(snapshot.repositoryID), \(snapshot.taskID), \(snapshot.environmentID),
                \(snapshot.host), \(snapshot.number), \(snapshot.ref), \(snapshot.commit), \(snapshot.reason),
                \(snapshot.verified), \(snapshot.bytes), \(snapshot.files), \(notSaved)::jsonb,
                now() + \(retention.interval))
            on conflict (repository_id, host, ref) do update set commit = excluded.commit, reason = excluded.reason,
                verified = excluded.verified, bytes = excluded.bytes, files = excluded.files,
                not_saved = excluded.not_saved, expires_after = excluded.expires_after, created_at = now()
            """)
    }

    /// A task's snapshots, the newest first.
    package func snapshots(of task: TaskID) async throws -> [SnapshotRecord] {
        let sql: SQL = """
            select \(Self.snapshotColumns) from runner.snapshots s where s.task_id = \(task)
            order by s.number desc, s.host
            """
        return try await client.query(sql).map { row in try SnapshotRecord(row, "s") }
    }

    /// Every snapshot of a repository on a host, the oldest first.
    package func snapshots(of repository: RepositoryID, host: String) async throws -> [SnapshotRecord] {
        let sql: SQL = """
            select \(Self.snapshotColumns) from runner.snapshots s
            where s.repository_id = \(repository) and s.host = \(host) order by s.created_at, s.number
            """
        return try await client.query(sql).map { row in try SnapshotRecord(row, "s") }
    }

    /// What has outlived its retention on a host and is needed by no removal that is still going on.
    package func expiredSnapshots(host: String) async throws -> [SnapshotRecord] {
        let sql: SQL = """
            select \(Self.snapshotColumns) from runner.snapshots s
            left join runner.environments e on e.id = s.environment_id
            where s.host = \(host) and s.expires_after <= now()
              and not coalesce(e.snapshot_ref = s.ref
                               and e.removal in ('expiring', 'quiet', 'saved', 'verified', 'trashed'), false)
            order by s.expires_after
            """
        return try await client.query(sql).map { row in try SnapshotRecord(row, "s") }
    }

    /// Forgets a snapshot whose reference is gone.
    package func deleteSnapshot(_ snapshot: SnapshotRecord) async throws {
        try await client.execute(
            """
            with gone as (
                delete from runner.snapshots where id = \(snapshot.id) returning environment_id, ref
            )
            update runner.environments e set snapshot_ref = null from gone
            where e.id = gone.environment_id and e.snapshot_ref = gone.ref
            """)
    }
}
