import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Hands one run to a live session if it is queued, running for a session that is dead, or waiting for this very
    /// session and due.
    ///
    /// Of many who claim at once one gets it. The run's fence is raised, so that whoever had it before writes nothing
    /// more. Nil when there is nothing to claim or the session has ended.
    package func claimRun(_ id: RunID, for session: SessionID) async throws -> RunRecord? {
        try await claim(
            """
            select r.id, r.fence, r.status from runner.runs r, me
            where r.id = \(id) and (r.status = 'queued'
                or (r.status = 'waiting' and r.due_at <= now() and r.waiter_session_id = me.id) or (\(Self.isOrphaned)))
            """, for: session)
    }

    /// Hands the runs that are due first to a live session, `room` at most: queued ones by priority and age, or else one
    /// of the dead.
    ///
    /// A run belongs to the host that has its worktree or its repository; others leave it alone. A run that was taken
    /// over too often is handed out as well, for its new owner to give it up: `takeovers` tells. If that one dies too, the
    /// next claim ends it and hands it out as failed. Empty when there is nothing to claim or the session has ended.
    package func claimNextRuns(for session: SessionID, room: Int) async throws -> [RunRecord] {
        let queued = try await client.query(RunRecord.select(from: "runner.take_queued(\(session), \(room))"))
        guard queued.isEmpty else { return try queued.map { row in try RunRecord(row) } }
        let orphaned = try await claim(
            """
            select r.id, r.fence, r.status from runner.runs r, me where \(Self.isOrphaned) and \(Self.isHere)
            order by r.created_at limit 1 for update of r skip locked
            """, for: session)
        return orphaned.map { [$0] } ?? []
    }

    /// Hands the run that is due first to a live session, if there is one.
    package func claimNextRun(for session: SessionID) async throws -> RunRecord? {
        try await claimNextRuns(for: session, room: 1).first
    }

    /// One look at what there is to do for a session; changes nothing.
    package func pollWork(for session: SessionID) async throws -> WorkReport {
        let rows = try await client.query(
            """
            with me as materialized (
                select id, host from runner.sessions where id = \(session)
            ), busy as materialized (
                select distinct owner_session_id as id from runner.runs
                where status = 'running' and owner_session_id <> \(session)
            )
            select exists (select from runner.runs r, me where r.status = 'queued' and \(Self.isHere))
                or exists (select from busy b, me join runner.sessions o on true
                           where o.id = b.id and \(Self.isDead)) as claimable,
                (select extract(epoch from min(due_at) - now())::float8 from runner.runs
                 where status = 'waiting' and due_at is not null) as due_in,
                not exists (select from runner.runs where status in ('queued', 'running'))
                and not exists (select from runner.sessions o, me where o.active and o.id <> me.id
                                and o.host = me.host and o.kind = 'worker' and o.client <> 'serve') as quiet,
                \(Self.outgrown) as outgrown,
                array(select id from runner.runs where owner_session_id = \(session) and status = 'running'
                      and cancel_requested_at is not null) as cancelled,
                p.* from (select) one
            left join lateral (
                select \(columns(SessionRecord.columnNames, of: "o")) from busy b
                join runner.sessions o on o.id = b.id join me on me.host = o.host where o.active
            ) p on true
            """)
        guard let first = rows.first else { throw StoreError.notFound(kind: "session", text: session.description) }
        let dueIn: Double? = try first.decodeIfPresent("due_in")
        return WorkReport(
            hasClaimable: try first.decode("claimable"), dueIn: dueIn.map { .seconds($0) },
            isQuiet: try first.decode("quiet"), isOutgrown: try first.decode("outgrown"),
            cancelled: try first.decode("cancelled", as: [UUID].self).map { RunID($0) },
            peers: try rows.compactMap { row in
                try row.decodeIfPresent("o_id", as: SessionID.self) == nil ? nil : try SessionRecord(row, "o")
            })
    }

    /// Whether a host has runs that nobody works on although they could go on: queued, due or of a session that ended.
    ///
    /// What most commands ask in passing.
    package func hasWaitingWork(host: String) async throws -> Bool {
        let sql: SQL = """
            with me as (select \(host)::text as host)
            select exists (select from runner.runs r, me where r.status = 'queued' and \(Self.isHere))
                or exists (select from runner.runs r, me where r.status = 'waiting' and r.due_at <= now() and \(Self.isHere)
                    and not exists (select from runner.sessions o where o.id = r.waiter_session_id and \(Self.isAlive)))
                or exists (select from runner.runs r join me on true join runner.sessions o on o.id = r.owner_session_id
                    where not \(Self.isAlive) and \(Self.isHere)) as found
            """
        return try await client.query(sql).first?.decode("found") ?? false
    }

    /// Whether a host has a run that has not ended and does not wait for a person.
    package func hasOpenRuns(host: String) async throws -> Bool {
        let sql: SQL = """
            with me as (select \(host)::text as host)
            select exists (select from runner.runs r, me
                where r.status in ('queued', 'running', 'waiting')
                  and (r.status <> 'waiting' or r.due_at is not null) and \(Self.isHere)) as found
            """
        return try await client.query(sql).first?.decode("found") ?? false
    }

    /// Queues waiting runs that are due, but for those that a living session waits for itself; returns how many.
    package func requeueDueRuns() async throws -> Int {
        let rows = try await client.query(
            """
            with due as materialized (
                select r.id from runner.runs r
                where r.status = 'waiting' and r.due_at <= now() and not exists (
                    select from runner.sessions o where o.id = r.waiter_session_id and \(Self.isAlive))
                for update of r skip locked
            ), r as (
                update runner.runs r set status = 'queued', due_at = null, waiter_session_id = null
                from due where r.id = due.id
                returning r.id, r.task_id, r.number
            ), t as (
                update runner.tasks t set status = 'queued' from r where t.id = r.task_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select r.task_id, 'run.queued', jsonb_build_object('run', r.number) from r
            )
            select id from r
            """)
        return rows.count
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
                select t.* from candidate c, me, lateral runner.take_run(c.id, c.fence, c.status, me.id, \(Self.maximumTakeovers)) t
            )
            \(RunRecord.select(from: "r"))
            """)
        return try rows.first.map { row in try RunRecord(row) }
    }

    /// By its lease alone: what holds everywhere, also behind a proxy that hands connections around.
    static let isAlive: SQL = "(o.active and coalesce(o.lease_until >= now(), false))"

    /// Ended, without a lease, or, on another host, without the lock that it holds as long as it is connected.
    ///
    /// On its own host its process says more than its connection. After a start of the server everybody needs a moment
    /// to come back.
    static let isDead: SQL = """
        case when not \(isAlive) then true
             when o.locked and o.host <> me.host and pg_postmaster_start_time() < now() - interval '15 seconds'
                 then pg_try_advisory_xact_lock_shared(\(sessionLockSpace), hashtext(o.id::text))
             else false end
        """

    /// Never the asker's own, though its lease may be over after the database was away: it would take them again and
    /// again, and each time would count as a death.
    static let isOrphaned: SQL = """
        r.status = 'running' and r.owner_session_id <> me.id and exists (
            select from runner.sessions o where o.id = r.owner_session_id and \(isDead))
        """

    private static let isHere: SQL = """
        (coalesce((select e.host from runner.environments e where e.id = r.environment_id), r.host, me.host) = me.host)
        """
}
