import Postgres
package import RunnerCore

extension Store {
    /// Leases the first free block of `count` ports in a row for an environment, until it ends; nil when none is free.
    ///
    /// Blocks start at multiples of `count` from `range.lowerBound`. Two environments of a host never hold the same
    /// port: a database constraint says so. Ports in `busy` are passed over. What the environment held is given back.
    package func leasePorts(
        _ environment: EnvironmentID, host: String, count: Int, from range: Range<Int>, busy: [Int]
    ) async throws -> [Int]? {
        let last = range.upperBound - count
        return try await client.withTransaction { connection in
            // A statement sees what was there when it began, so the lock has to come in one before it.
            try connection.execute("select pg_advisory_xact_lock(hashtextextended('runner.ports:' || \(host), 0))")
            try connection.execute("delete from runner.port_leases where environment_id = \(environment)")
            let rows = try connection.query(
                """
                with block as (
                    select s as first from generate_series(\(range.lowerBound)::int, \(last)::int, \(count)::int) s
                    where not exists (select from runner.port_leases l
                                      where l.host = \(host) and l.port between s and s + \(count)::int - 1)
                      and not exists (select from unnest(\(busy)::int[]) b where b between s and s + \(count)::int - 1)
                    order by s limit 1
                )
                insert into runner.port_leases (host, port, environment_id)
                select \(host), p, \(environment) from block, generate_series(first, first + \(count)::int - 1) p
                returning port
                """)
            let ports: [Int] = try rows.map { row in try row.decode("port") }.sorted()
            try connection.execute("update runner.environments set ports = \(ports)::int[] where id = \(environment)")
            return ports.isEmpty ? nil : ports
        }
    }

    /// The ports that an environment holds, in order; none once it has ended.
    package func ports(of environment: EnvironmentID) async throws -> [Int] {
        try await client.query(
            "select port from runner.port_leases where environment_id = \(environment) order by port"
        ).map { row in try row.decode("port") }
    }
}
