import Postgres
package import RunnerCore

extension Store {
    /// Registers a live process; its lease runs from now by the server's clock.
    package func openSession(_ session: SessionRecord, lease: Duration) async throws -> SessionRecord {
        let rows = try await client.query(
            """
            with s as (
                insert into runner.sessions
                    (id, kind, host, boot_id, process_id, process_start, user_name, version, lease_until)
                values (\(session.id), \(session.kind), \(session.host), \(session.bootID), \(session.processID),
                    \(session.processStart), \(session.user), \(session.version), now() + \(lease.interval))
                returning *
            )
            select \(columns(SessionRecord.columnNames, of: "s")) from s
            """)
        guard let row = rows.first else { throw StoreError.notFound(kind: "session", text: session.id.description) }
        return try SessionRecord(row, "s")
    }

    /// Extends the lease; false when the session has ended, and then it has no lease and never will.
    package func heartbeat(_ id: SessionID, lease: Duration) async throws -> Bool {
        try await client.execute(
            """
            update runner.sessions set last_heartbeat = now(), lease_until = now() + \(lease.interval)
            where id = \(id) and active
            """) == 1
    }

    /// Ends a session; its runs can be claimed by others from now on. Ending it twice is fine.
    package func closeSession(_ id: SessionID) async throws {
        try await client.execute(
            "update runner.sessions set active = false, lease_until = null where id = \(id) and active")
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
}
