import Postgres
package import RunnerCore

extension Store {
    private static let environmentColumns = columns(EnvironmentRecord.columnNames, of: "e")

    /// Records a worktree before it is made and gives it to its run; `parent` is what it is a fork of. Throws `StoreError.fenced` for a replaced owner.
    package func createEnvironment(
        _ environment: EnvironmentRecord, parent: EnvironmentID? = nil, run: RunID, fence: Int
    ) async throws -> EnvironmentRecord {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            e as (
                insert into runner.environments
                    (id, repository_id, task_id, host, worktree_path, branch, base_commit, head_commit, status,
                     parent_id)
                select \(environment.id), t.repository_id, t.id, \(environment.host), \(environment.worktreePath),
                    \(environment.branch), \(environment.baseCommit), \(environment.headCommit),
                    \(environment.status), (select id from runner.environments where id = \(parent))
                from guard g join runner.tasks t on t.id = g.task_id
                returning *
            ), owned as (
                update runner.runs r set environment_id = e.id from e where r.id = \(run)
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select e.task_id, 'environment.created', jsonb_build_object('branch', e.branch, 'host', e.host,
                    'worktree_path', e.worktree_path, 'base_commit', e.base_commit) from e
            )
            select \(Self.environmentColumns) from e
            """)
        guard let row = rows.first else { throw StoreError.fenced(run) }
        return try EnvironmentRecord(row, "e")
    }

    /// A new environment's worktree is there, in the directory that is noted, and its run may use it; nil when it is
    /// no longer being made.
    ///
    /// The commit does not wait for the disk: the beginning of an attempt does, before anything runs in the worktree. One
    /// that a crash of the server forgets is made again.
    package func environmentMade(
        _ id: EnvironmentID, device: UInt64, inode: UInt64
    ) async throws -> EnvironmentRecord? {
        let rows = try await client.query(
            """
            with \(Self.unflushed),
            e as (
                update runner.environments set status = 'running', cleanup_after = null, last_accessed = now(),
                    metadata = metadata || \(Self.directory(device, inode))
                from mode where id = \(id) and status = 'initializing'
                returning environments.*
            )
            select \(Self.environmentColumns) from e
            """)
        return try rows.first.map { row in try EnvironmentRecord(row, "e") }
    }

    /// The task's newest environment.
    package func environment(of task: TaskID) async throws -> EnvironmentRecord? {
        let sql: SQL = """
            select \(Self.environmentColumns) from runner.environments e where e.task_id = \(task)
            order by e.created_at desc, e.id limit 1
            """
        return try await client.query(sql).first.map { row in try EnvironmentRecord(row, "e") }
    }

    /// The commit that the work in an environment grew from: of a fork's, that of the environment it was forked from.
    package func firstBase(of id: EnvironmentID) async throws -> String? {
        let sql: SQL = """
            with recursive line (parent_id, base_commit, depth) as (
                select parent_id, base_commit, 0 from runner.environments where id = \(id)
                union all
                select e.parent_id, e.base_commit, l.depth + 1
                from line l join runner.environments e on e.id = l.parent_id where l.depth < 1000
            )
            select base_commit from line order by depth desc limit 1
            """
        return try await client.query(sql).first.map { row in try row.decode("base_commit") }
    }

    /// Environments with the numbers of their tasks, those with the earliest deadline first.
    package func environments(
        _ filter: EnvironmentFilter = EnvironmentFilter()
    ) async throws -> [(EnvironmentRecord, taskNumber: Int)] {
        var parts: [SQL] = ["true"]
        if let host = filter.host { parts.append("e.host = \(host)") }
        if filter.dueOnly { parts.append("greatest(e.cleanup_after, e.postponed_until) <= now()") }
        if let repository = filter.repositoryID { parts.append("e.repository_id = \(repository)") }
        if !filter.removals.isEmpty { parts.append("e.removal = any(\(filter.removals.map(\.rawValue)))") }
        if !filter.statuses.isEmpty { parts.append("e.status = any(\(filter.statuses.map(\.rawValue)))") }
        let rows = try await client.query(
            """
            select \(Self.environmentColumns), t.number as task_number
            from runner.environments e join runner.tasks t on t.id = e.task_id
            where \(parts.joined(separator: " and ")) order by e.cleanup_after nulls last, t.number
            """)
        return try rows.map { row in (try EnvironmentRecord(row, "e"), taskNumber: try row.decode("task_number")) }
    }

    /// Moves an environment on if it is still in one of the states `from`; false when it is not.
    ///
    /// On the way to `idle` an environment that nobody keeps gets a deadline, `cleanupAfter` from now, unless it has
    /// one; on the way to a busy or ended state it loses it.
    package func setEnvironmentStatus(
        _ id: EnvironmentID, from: [EnvironmentStatus], to status: EnvironmentStatus,
        cleanupAfter: Duration = Store.defaultRetention
    ) async throws -> Bool {
        let deadline: SQL =
            switch status {
            case .idle, .cleaning:
                """
                case when not kept then
                    coalesce(cleanup_after, now() + coalesce(retention, \(cleanupAfter.interval))) end
                """
            case .initializing, .running, .testing, .terminated: "null"
            }
        return try await client.execute(
            """
            update runner.environments set status = \(status), cleanup_after = \(deadline),
                last_accessed = case when status = 'cleaning' or \(status) = 'cleaning' then last_accessed
                                     else now() end
            where id = \(id) and status = any(\(from.map(\.rawValue)))
            """) == 1
    }

    /// Sets when a worktree may be removed, from now, or never; returns the environment, nil when it is gone or is being
    /// moved to the trash.
    ///
    /// A removal that has not come so far ends with it. While the run goes on there is no deadline: the wish is kept, and
    /// counts from the run's end.
    @discardableResult
    package func setDeadline(
        _ id: EnvironmentID, after: Duration?, keepForever: Bool = false
    ) async throws -> EnvironmentRecord? {
        let interval = (after ?? Store.defaultRetention).interval
        let retention: SQL = after.map(\.interval) ?? "null"
        let sql: SQL = """
            with e as (
                update runner.environments set kept = \(keepForever), retention = \(retention),
                    status = case status when 'cleaning' then 'idle' else status end,
                    cleanup_after = case when status in ('idle', 'cleaning') and not \(keepForever)
                                         then now() + \(interval) end
                where id = \(id) and status <> 'terminated' and removal <> 'verified'
                returning *
            )
            select \(Self.environmentColumns) from e
            """
        return try await client.query(sql).first.map { row in try EnvironmentRecord(row, "e") }
    }

    /// Notes that somebody looked into the worktree.
    package func touchEnvironment(_ id: EnvironmentID) async throws {
        try await client.execute("update runner.environments set last_accessed = now() where id = \(id)")
    }

    package func setHead(_ id: EnvironmentID, commit: String, base: String? = nil) async throws {
        try await client.execute(
            """
            update runner.environments set head_commit = \(commit), base_commit = coalesce(\(base), base_commit)
            where id = \(id)
            """)
    }

    /// Notes the ref that holds everything of the worktree; nil when the worktree is what counts again.
    package func setSnapshot(_ id: EnvironmentID, ref: String?) async throws {
        try await client.execute("update runner.environments set snapshot_ref = \(ref) where id = \(id)")
    }
}
