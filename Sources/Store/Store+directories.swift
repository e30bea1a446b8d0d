import Postgres
package import RunnerCore

extension Store {
    /// Notes which directory an environment's path meant when it was made, so that another in its place is noticed.
    package func setDirectory(_ id: EnvironmentID, device: UInt64, inode: UInt64) async throws {
        // As text: inode numbers of some file systems do not fit a JSON number.
        try await client.execute(
            """
            update runner.environments
            set metadata = metadata || jsonb_build_object('device', \(String(device))::text, 'inode', \(String(inode))::text)
            where id = \(id)
            """)
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
}
