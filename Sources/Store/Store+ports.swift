import Postgres
package import RunnerCore

extension Store {
    /// Leases the first free block of `count` ports in a row for an environment, until it ends; nil when none is free.
    ///
    /// Blocks start at multiples of `count` from `range.lowerBound`. Two environments of a host never hold the same
    /// port: a database constraint says so. Ports in `busy` are passed over. What the environment held is given back.
    /// One round trip for an environment without ports, unless another chose the same block at the same time; its commit
    /// does not wait for the disk, as the beginning of an attempt does before anything uses them.
    package func leasePorts(
        _ environment: EnvironmentID, host: String, count: Int, from range: Range<Int>, busy: [Int]
    ) async throws -> [Int]? {
        let lease = Self.lease(environment, host, count, range, busy)
        do {
            if let ports = try Self.ports(try await client.query(lease)) { return ports }
        } catch let error as PostgresError where error.code == .uniqueViolation {
            // Another was faster between the statement's begin and its lock.
        }
        return try await client.withTransaction { connection in
            // A statement sees what was there when it began, so the lock has to come in one before it.
            try connection.execute("select pg_advisory_xact_lock(\(Self.portLock(host)))")
            try connection.execute("delete from runner.port_leases where environment_id = \(environment)")
            let ports = try Self.ports(try connection.query(lease))
            if ports == nil {
                try connection.execute("update runner.environments set ports = '{}' where id = \(environment)")
            }
            return ports
        }
    }

    private static func portLock(_ host: String) -> SQL { "hashtextextended('runner.ports:' || \(host), 0)" }

    /// Leases nothing for an environment that holds ports, nor while another leases.
    private static func lease(
        _ environment: EnvironmentID, _ host: String, _ count: Int, _ range: Range<Int>, _ busy: [Int]
    ) -> SQL {
        // Without an order: the series comes in its own, and nothing after the first free block is looked at.
        """
        with \(Self.unflushed),
        turn as materialized (
            select pg_try_advisory_xact_lock(\(Self.portLock(host))) as taken from mode
        ), block as (
            select s as first
            from turn, generate_series(\(range.lowerBound)::int, \(range.upperBound - count)::int, \(count)::int) s
            where turn.taken
              and not exists (select from runner.port_leases l
                              where l.host = \(host) and l.port between s and s + \(count)::int - 1)
              and not exists (select from unnest(\(busy)::int[]) b where b between s and s + \(count)::int - 1)
              and not exists (select from runner.port_leases l where l.environment_id = \(environment))
            limit 1
        ), leased as (
            insert into runner.port_leases (host, port, environment_id)
            select \(host), p, \(environment) from block, generate_series(first, first + \(count)::int - 1) p
            returning port
        ), noted as (
            update runner.environments set ports = (select array_agg(port order by port) from leased)
            where id = \(environment) and exists (select from leased)
        )
        select port from leased
        """
    }

    /// Nil where nothing was leased.
    private static func ports(_ rows: [PostgresRow]) throws -> [Int]? {
        let ports: [Int] = try rows.map { row in try row.decode("port") }.sorted()
        return ports.isEmpty ? nil : ports
    }

    /// The ports that an environment holds, in order; none once it has ended.
    package func ports(of environment: EnvironmentID) async throws -> [Int] {
        try await client.query(
            "select port from runner.port_leases where environment_id = \(environment) order by port"
        ).map { row in try row.decode("port") }
    }
}
