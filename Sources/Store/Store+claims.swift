import Postgres
package import RunnerCore

extension Store {
    /// Hands one run to a live session if it is queued, or running for a session that is dead.
    ///
    /// Of many who claim at once one gets it. The run's fence is raised, so that whoever had it before writes nothing
    /// more. Nil when there is nothing to claim or the session has ended.
    package func claimRun(_ id: RunID, for session: SessionID) async throws -> RunRecord? {
        try await claim(
            """
            select r.id, r.fence, r.status from runner.runs r
            where r.id = \(id) and (r.status = 'queued' or (\(Self.isOrphaned)))
            """, for: session)
    }

    /// Hands the run that is due first to a live session: queued ones by priority and age, then those of the dead.
    ///
    /// Runs whose worktree is on another host are left for that host.
    package func claimNextRun(for session: SessionID) async throws -> RunRecord? {
        let isHere: SQL = """
            (r.environment_id is null or exists (
                select from runner.environments e, me where e.id = r.environment_id and e.host = me.host))
            """
        return try await claim(
            """
            select * from (
                select r.id, r.fence, r.status from runner.runs r
                where r.status = 'queued' and (r.due_at is null or r.due_at <= now()) and \(isHere)
                order by r.priority desc, r.created_at limit 1 for update skip locked
            ) queued
            union all
            select * from (
                select r.id, r.fence, r.status from runner.runs r where \(Self.isOrphaned) and \(isHere)
                order by r.created_at limit 1 for update skip locked
            ) orphaned
            limit 1
            """, for: session)
    }

    /// Running runs whose owner is dead, and those of owners on `host`, whose processes the caller can look for.
    package func abandonedRuns(host: String) async throws -> [(RunRecord, SessionRecord?)] {
        let run = RunRecord.selection(from: "runner.runs")
        let rows = try await client.query(
            """
            select \(run.columns), \(columns(SessionRecord.columnNames, of: "o"))
            from \(run.joins)
            join runner.sessions o on o.id = r.owner_session_id
            where r.status = 'running' and (not \(Self.isAlive) or o.host = \(host))
            order by r.created_at
            """)
        return try rows.map { row in (try RunRecord(row), try SessionRecord(row, "o")) }
    }

    /// Whether any run is going on: what most commands ask in passing, so it must cost next to nothing.
    package func hasRunningRuns() async throws -> Bool {
        let sql: SQL = "select exists (select from runner.runs where status = 'running') as found"
        return try await client.query(sql).first.map { row in try row.decode("found") } ?? false
    }

    /// `candidate` is read without waiting; the update then takes the run only if nobody changed its owner since.
    func claim(_ candidate: SQL, for session: SessionID) async throws -> RunRecord? {
        let rows = try await client.query(
            """
            with me as materialized (
                select id, host from runner.sessions where id = \(session) and active
            ), candidate as materialized (
                \(candidate)
            ), r as (
                update runner.runs r set status = 'running', owner_session_id = me.id, fence = r.fence + 1,
                    takeovers = r.takeovers + case c.status when 'running' then 1 else 0 end,
                    started_at = coalesce(r.started_at, now())
                from candidate c, me
                where r.id = c.id and r.fence = c.fence and r.status = c.status
                returning r.*
            ), t as (
                update runner.tasks t set status = 'running', started_at = coalesce(t.started_at, now())
                from r where t.id = r.task_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select r.task_id, 'run.started',
                    jsonb_build_object('run', r.number, 'fence', r.fence, 'session', r.owner_session_id)
                from r
            )
            \(RunRecord.select(from: "r"))
            """)
        return try rows.first.map { row in try RunRecord(row) }
    }

    static let isAlive: SQL = "(o.active and coalesce(o.lease_until >= now(), false))"

    private static let isOrphaned: SQL = """
        r.status = 'running' and r.takeovers < \(maximumTakeovers) and exists (
            select from runner.sessions o where o.id = r.owner_session_id and not \(isAlive))
        """
}
