import Postgres
package import RunnerCore

extension Store {
    /// Hands one open run whose worktree is on another host to a live session, when nobody works on it any more.
    ///
    /// The run's fence is raised, so that its old host writes nothing when it comes back. With `silence` only when no
    /// session of that host gave a sign of life for so long, by the server's clock. Nil when it is not so, and the run
    /// is as it was.
    package func takeOverRun(_ id: RunID, for session: SessionID, silence: Duration?) async throws -> RunRecord? {
        // Read without a lock: one would wait for another host's takeover, and then give its fence, with which it can be
        // taken once more.
        let isSilent: SQL = silence.map { Self.isSilent(for: $0) } ?? "true"
        return try await claim(
            """
            select r.id, r.fence, r.status from runner.runs r
            join runner.environments e on e.id = r.environment_id, me
            where r.id = \(id) and e.host <> me.host and \(Self.isTakeable)
              and \(isSilent)
            """, for: session)
    }

    /// Open runs of other hosts that have been silent for so long, oldest first: those that `takeOverRun` would give.
    package func silentRuns(host: String, silence: Duration) async throws -> [RunRecord] {
        let run = RunRecord.selection(from: "runner.runs")
        let sql: SQL = """
            select \(run.columns) from \(run.joins)
            join runner.environments e on e.id = r.environment_id
            where e.host <> \(host) and \(Self.isTakeable) and \(Self.isSilent(for: silence))
            order by r.created_at
            """
        return try await client.query(sql).map { row in try RunRecord(row) }
    }

    /// Whether another host has a run that is open: what a worker asks before it looks closer.
    package func hasRunsElsewhere(than host: String) async throws -> Bool {
        let sql: SQL = """
            select exists (select from runner.runs r join runner.environments e on e.id = r.environment_id
                where r.status in ('queued', 'running', 'waiting') and e.host <> \(host)) as found
            """
        return try await client.query(sql).first.map { row in try row.decode("found") } ?? false
    }

    /// Seconds since a session of `host` gave its newest sign of life, by the server's clock; nil where none is known.
    package func silence(of host: String) async throws -> Double? {
        let sql: SQL = """
            select extract(epoch from now() - max(last_heartbeat))::float8 as seconds from runner.sessions
            where host = \(host)
            """
        return try await client.query(sql).first?.decodeIfPresent("seconds")
    }

    /// The host that has to end a run, and seconds since it gave a sign of life, where that is not `host` and no session
    /// there is alive to do it; nil otherwise.
    package func silentHost(of run: RunID, elsewhereThan host: String) async throws -> (host: String, seconds: Double)?
    {
        let sql: SQL = """
            select w.host, extract(epoch from now() - max(o.last_heartbeat))::float8 as seconds
            from runner.runs r join runner.sessions w on w.id = r.owner_session_id
            join runner.sessions o on o.host = w.host
            where r.id = \(run) and r.status = 'running' and w.host <> \(host)
            group by w.host having not bool_or(\(Self.isAlive))
            """
        return try await client.query(sql).first.map { row in (try row.decode("host"), try row.decode("seconds")) }
    }

    /// Whether a session's lease is running, by the server's clock.
    package func isAlive(_ session: SessionID) async throws -> Bool {
        let sql: SQL = "select \(Self.isAlive) as alive from runner.sessions o where o.id = \(session)"
        return try await client.query(sql).first.map { row in try row.decode("alive") } ?? false
    }

    private static let isTakeable: SQL = """
        r.status in ('queued', 'running', 'waiting')
        and not exists (select from runner.sessions o where o.id = r.owner_session_id and \(isAlive))
        """

    private static func isSilent(for silence: Duration) -> SQL {
        """
        r.takeovers < \(maximumTakeovers) and coalesce(r.due_at <= now(), r.status <> 'waiting')
        and not exists (select from runner.sessions s
            where s.host = e.host and s.last_heartbeat > now() - \(silence.interval))
        """
    }
}
