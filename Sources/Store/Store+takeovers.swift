import Postgres
package import RunnerCore

extension Store {
    /// Hands one open run whose worktree is on another host to a live session, when nobody works on it any more.
    ///
    /// The run's fence is raised, so that its old host writes nothing when it comes back. With `silence` only when no
    /// session of that host gave a sign of life for so long, by the server's clock. Nil when it is not so, and the run
    /// is as it was.
    package func takeOverRun(_ id: RunID, for session: SessionID, silence: Duration?) async throws -> RunRecord? {
        try await takeOver("r.id = \(id)", session, silence)
    }

    /// The same for the oldest of all runs whose host has been silent for so long.
    package func takeOverNextRun(for session: SessionID, silence: Duration) async throws -> RunRecord? {
        try await takeOver("true", session, silence)
    }

    /// Whether another host has a run that is open: what a worker asks before it looks closer.
    package func hasRunsElsewhere(than host: String) async throws -> Bool {
        let sql: SQL = """
            select exists (select from runner.runs r join runner.environments e on e.id = r.environment_id
                where r.status in ('queued', 'running', 'waiting') and e.host <> \(host)) as found
            """
        return try await client.query(sql).first.map { row in try row.decode("found") } ?? false
    }

    /// The last sign of life of a host and whether a lease of it is still running, by the server's clock.
    package func lastSign(of host: String) async throws -> (secondsAgo: Double?, isAlive: Bool) {
        let sql: SQL = """
            select extract(epoch from now() - max(last_heartbeat))::double precision as ago,
                coalesce(bool_or(active and lease_until >= now()), false) as alive
            from runner.sessions where host = \(host)
            """
        guard let row = try await client.query(sql).first else { return (nil, false) }
        return (try row.decodeIfPresent("ago"), try row.decode("alive"))
    }

    /// Whether a session's lease is running, by the server's clock.
    package func isAlive(_ session: SessionID) async throws -> Bool {
        let sql: SQL = "select \(Self.isAlive) as alive from runner.sessions o where o.id = \(session)"
        return try await client.query(sql).first.map { row in try row.decode("alive") } ?? false
    }

    private func takeOver(_ which: SQL, _ session: SessionID, _ silence: Duration?) async throws -> RunRecord? {
        let isSilent: SQL =
            silence.map { silence in
                """
                r.takeovers < \(Self.maximumTakeovers) and coalesce(r.due_at <= now(), r.status <> 'waiting')
                and not exists (select from runner.sessions s
                    where s.host = e.host and s.last_heartbeat > now() - \(silence.interval))
                """
            } ?? "true"
        return try await claim(
            """
            select r.id, r.fence, r.status from runner.runs r
            join runner.environments e on e.id = r.environment_id, me
            where \(which) and e.host <> me.host and r.status in ('queued', 'running', 'waiting') and \(isSilent)
              and not exists (select from runner.sessions o where o.id = r.owner_session_id and \(Self.isAlive))
            order by r.created_at limit 1 for update of r skip locked
            """, for: session)
    }
}
