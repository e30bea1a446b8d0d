import Postgres
package import RunnerCore

extension Store {
    /// Notes which directory an environment's path meant when it was made, so that another in its place is noticed.
    package func setDirectory(_ id: EnvironmentID, device: UInt64, inode: UInt64) async throws {
        try await client.execute(
            "update runner.environments set metadata = metadata || \(Self.directory(device, inode)) where id = \(id)")
    }

    /// As text: inode numbers of some file systems do not fit a JSON number.
    static func directory(_ device: UInt64, _ inode: UInt64) -> SQL {
        "jsonb_build_object('device', \(String(device))::text, 'inode', \(String(inode))::text)"
    }

    /// What `setDirectory` noted; nil when nothing was.
    package func directory(of id: EnvironmentID) async throws -> (device: UInt64, inode: UInt64)? {
        let sql: SQL = """
            select metadata ->> 'device' as device, metadata ->> 'inode' as inode
            from runner.environments where id = \(id)
            """
        guard let row = try await client.query(sql).first,
            let device = try row.decodeIfPresent("device", as: String.self).flatMap(UInt64.init),
            let inode = try row.decodeIfPresent("inode", as: String.self).flatMap(UInt64.init)
        else { return nil }
        return (device, inode)
    }

    /// Environments of `host` whose worktree was never finished and whose run is not going on: a crash left them.
    package func unfinishedEnvironments(host: String) async throws -> [EnvironmentRecord] {
        let sql: SQL = """
            select \(columns(EnvironmentRecord.columnNames, of: "e")) from runner.environments e
            where e.host = \(host) and e.status in ('initializing', 'running', 'idle') and not e.metadata ? 'device'
              and not exists (select from runner.runs r
                              where r.environment_id = e.id and r.status in ('queued', 'running', 'waiting'))
              -- Where something ran, there is work: such a worktree is never taken for half made.
              and not exists (select from runner.runs r join runner.steps s on s.run_id = r.id
                              join runner.step_attempts a on a.step_id = s.id where r.environment_id = e.id)
            order by e.created_at
            """
        return try await client.query(sql).map { row in try EnvironmentRecord(row, "e") }
    }
}
