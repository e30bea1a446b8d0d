package import Postgres
package import RunnerCore

extension Store {
    /// The first half of the keys of the advisory locks that live workers hold; the second half is from the id.
    static let sessionLockSpace: SQL = "1920298610"

    /// Registers a live process; its lease runs from now by the server's clock.
    ///
    /// One that is no daemon makes runs of its own that nobody hears of: it rings for those who look after its death.
    package func openSession(_ session: SessionRecord, lease: Duration) async throws -> SessionRecord {
        let rows = try await client.query(
            """
            with s as (
                insert into runner.sessions (id, kind, client, host, boot_id, process_id, process_start, user_name,
                    version, slots, lease_until)
                values (\(session.id), \(session.kind), \(session.client), \(session.host), \(session.bootID),
                    \(session.processID), \(session.processStart), \(session.user), \(session.version),
                    \(session.slots), now() + \(lease.interval))
                returning *
            )
            select \(columns(SessionRecord.columnNames, of: "s")), rung.* from s
            left join lateral (select pg_notify('runner_queued', '') where s.kind = 'worker' and s.client <> 'serve') rung on true
            """)
        guard let row = rows.first else { throw StoreError.notFound(kind: "session", text: session.id.description) }
        return try SessionRecord(row, "s")
    }

    /// Extends the lease; false when the session has ended, and then it has no lease and never will.
    package func heartbeat(_ id: SessionID, lease: Duration) async throws -> Bool {
        try await beat(id, lease: lease) != nil
    }

    /// Extends the lease and returns the running runs that the session owns; nil when it has ended, for ever.
    ///
    /// The commit does not wait for the disk: a heartbeat that a crash of the server forgets is followed by the next.
    package func beat(_ id: SessionID, lease: Duration) async throws -> [OwnedRun]? {
        let rows = try await client.query(
            """
            with \(Self.unflushed),
            beat as (
                update runner.sessions set last_heartbeat = now(), lease_until = now() + \(lease.interval)
                from mode where id = \(id) and active
                returning id
            )
            select r.id, r.fence, r.cancel_requested_at is not null as cancel from beat
            left join runner.runs r on r.owner_session_id = beat.id and r.status = 'running'
            """)
        guard !rows.isEmpty else { return nil }
        return try rows.compactMap { row in
            guard let run: RunID = try row.decodeIfPresent("id") else { return nil }
            return OwnedRun(id: run, fence: try row.decode("fence"), isCancelRequested: try row.decode("cancel"))
        }
    }

    /// Takes the advisory lock that says that the session lives, for as long as `connection` does.
    ///
    /// Waits for a lock that an earlier connection of the session still has. Throws `StoreError.notFound` when the
    /// session has ended.
    package static func lockSession(_ id: SessionID, on connection: borrowing PostgresConnection) throws {
        try connection.execute("select pg_advisory_lock(\(sessionLockSpace), hashtext(\(id)::text))")
        let count = try connection.execute("update runner.sessions set locked = true where id = \(id) and active")
        guard count == 1 else { throw StoreError.notFound(kind: "session", text: id.description) }
    }

    /// Ends a session; its runs can be claimed by others from now on. Ending it twice is fine.
    package func closeSession(_ id: SessionID) async throws {
        try await client.execute(
            "update runner.sessions set active = false, lease_until = null where id = \(id) and active")
    }

    /// Ends sessions whose processes are gone, as their own host knows; returns how many of them were still active.
    ///
    /// One that still holds its lock lives after all, as in a container whose processes cannot be seen from here.
    package func buryDead(_ ids: [SessionID]) async throws -> Int {
        try await client.execute(
            """
            update runner.sessions o set active = false, lease_until = null
            where o.id = any (\(ids.map(\.uuid))) and o.active and case when o.locked
                then pg_try_advisory_xact_lock_shared(\(Self.sessionLockSpace), hashtext(o.id::text)) else true end
            """)
    }

    /// Says that a session finishes what it has and takes no more.
    package func setDraining(_ id: SessionID) async throws {
        try await client.execute("update runner.sessions set draining = true where id = \(id) and active")
    }

    /// The daemons of a host that take runs, by their leases: the host itself looks at their processes.
    package func servingSessions(host: String) async throws -> [SessionRecord] {
        let sql: SQL = """
            select \(columns(SessionRecord.columnNames, of: "o")) from runner.sessions o
            where o.host = \(host) and o.kind = 'worker' and o.client = 'serve' and not o.draining and \(Self.isAlive)
            """
        return try await client.query(sql).map { row in try SessionRecord(row, "o") }
    }

    package func session(_ id: SessionID) async throws -> SessionRecord {
        let sql: SQL = "select \(columns(SessionRecord.columnNames, of: "s")) from runner.sessions s where s.id = \(id)"
        guard let row = try await client.query(sql).first else {
            throw StoreError.notFound(kind: "session", text: id.description)
        }
        return try SessionRecord(row, "s")
    }

    /// Newest first.
    package func sessions(activeOnly: Bool) async throws -> [SessionRecord] {
        let condition: SQL = activeOnly ? "s.active" : "true"
        let sql: SQL = """
            select \(columns(SessionRecord.columnNames, of: "s")) from runner.sessions s
            where \(condition) order by s.created_at desc, s.id
            """
        return try await client.query(sql).map { row in try SessionRecord(row, "s") }
    }

    /// Sessions with what they are at work on, newest first: those that are active, and with `all` the ended ones too.
    package func sessionSummaries(all: Bool) async throws -> [SessionSummary] {
        let rows = try await client.query(
            """
            select \(columns(SessionRecord.columnNames, of: "o")), \(Self.isAlive) as alive,
                extract(epoch from now() - o.last_heartbeat)::double precision as beat_age,
                extract(epoch from o.lease_until - now())::double precision as lease,
                array(select t.number from runner.runs r join runner.tasks t on t.id = r.task_id
                      where r.owner_session_id = o.id or r.waiter_session_id = o.id order by t.number) as tasks
            from runner.sessions o where o.active or \(all) order by o.created_at desc, o.id
            """)
        return try rows.map { row in
            SessionSummary(
                session: try SessionRecord(row, "o"), isAlive: try row.decode("alive"),
                secondsSinceHeartbeat: try row.decode("beat_age"), leaseSeconds: try row.decodeIfPresent("lease"),
                tasks: try row.decode("tasks"))
        }
    }

    /// Forgets sessions that ended long ago and own nothing; returns how many.
    package func forgetSessions(olderThan age: Duration) async throws -> Int {
        try await client.execute(
            """
            delete from runner.sessions s where not s.active and s.updated_at < now() - \(age.interval)
              and not exists (select from runner.runs r where r.owner_session_id = s.id or r.waiter_session_id = s.id)
            """)
    }
}
