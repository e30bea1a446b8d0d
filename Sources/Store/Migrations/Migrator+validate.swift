import Postgres

extension Migrator {
    /// Compares the database with what the migrations promise, and tries a write; changes nothing.
    ///
    /// The promise is what the server itself makes of the migrations: in a transaction that is always rolled back the
    /// live schema is put aside, the migrations are run, and the two are read from the catalogs and compared by
    /// definition, so that a weakened check under an old name shows as much as a missing one. Other sessions notice
    /// nothing. Takes a fraction of a second.
    package func validate() async throws -> [SchemaCheck] {
        var checks = try await status().map(Self.check)
        let migrations = migrations
        checks += try await client.withConnection { connection in
            try connection.executeScript("begin")
            do {
                let checks = try Self.compare(connection, migrations)
                try connection.executeScript("rollback")
                return checks
            } catch {
                _ = try? connection.executeScript("rollback")
                throw error
            }
        }
        return checks
    }

    private static func check(_ status: MigrationStatus) -> SchemaCheck {
        let name = "\(status.version) \(status.name)"
        return switch status.state {
        case .applied: SchemaCheck(.migration, name)
        case .pending: SchemaCheck(.migration, name, problem: "is not applied; run \"runner db migrate\"")
        case .changed: SchemaCheck(.migration, name, problem: "was applied from another text")
        case .unknown: SchemaCheck(.migration, name, problem: "is not known to this runner")
        }
    }

    private static func compare(
        _ connection: borrowing PostgresConnection, _ migrations: [Migration]
    ) throws -> [SchemaCheck] {
        try prepare(connection)
        let write = tryWrite(connection)
        let roles = try checkRoles(connection)
        let live = try SchemaCatalog(connection)
        let promised: SchemaCatalog
        do {
            try connection.executeScript("set local search_path = pg_catalog")
            if try exists(connection) { try connection.executeScript("alter schema runner rename to runner_aside") }
            for migration in migrations { try connection.executeScript(migration.up) }
            promised = try SchemaCatalog(connection)
        } catch let error as PostgresError where error.code == .insufficientPrivilege {
            let problem = "not compared, as this user may not create a schema: \(error.message)"
            return [SchemaCheck(.table, "all", problem: problem)] + roles + [write]
        }
        return difference(live: live, promised: promised) + roles + [write]
    }

    private static func difference(live: SchemaCatalog, promised: SchemaCatalog) -> [SchemaCheck] {
        let kept = promised.keys.map { key in
            SchemaCheck(key.kind, key.name, problem: problem(live.definitions[key], promised.definitions[key]))
        }
        // An index more does no harm; a policy or a trigger more changes what is allowed or done.
        let added = live.keys.filter { key in
            promised.definitions[key] == nil && (key.kind == .policy || key.kind == .trigger)
        }
        return kept + added.map { SchemaCheck($0.kind, $0.name, problem: "is not promised by any migration") }
    }

    private static func problem(_ live: String?, _ promised: String?) -> String? {
        guard let live else { return "is missing" }
        guard let promised, live != promised else { return nil }
        let found = live.split(separator: "\n").map(String.init)
        let wanted = promised.split(separator: "\n").map(String.init)
        let missing = wanted.filter { !found.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ")
        let extra = found.filter { !wanted.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ")
        let parts = [missing.isEmpty ? "" : "promised \(missing)", extra.isEmpty ? "" : "found \(extra)"]
        let difference = parts.filter { !$0.isEmpty }.joined(separator: ", ")
        return difference.isEmpty ? "differs in order" : difference
    }

    private static func exists(_ connection: borrowing PostgresConnection) throws -> Bool {
        try connection.query("select from pg_namespace where nspname = 'runner'").isEmpty == false
    }

    private static func checkRoles(_ connection: borrowing PostgresConnection) throws -> [SchemaCheck] {
        let names = try connection.query(
            "select rolname::text as name from pg_roles where rolname in ('runner_service', 'runner_reader')"
        ).map { row in try row.decode("name", as: String.self) }
        return ["runner_service", "runner_reader"].map { role in
            SchemaCheck(role: role, isThere: names.contains(role))
        }
    }

    /// Writes a row and changes it, in the transaction that is going to be rolled back.
    private static func tryWrite(_ connection: borrowing PostgresConnection) -> SchemaCheck {
        do {
            try connection.executeScript("savepoint write")
            let rows = try connection.query(
                """
                insert into runner.projects (name, updated_at) values ('validate', '2000-01-01')
                returning id
                """)
            let id = try rows.first?.decode("id", as: String.self)
            let touched = try connection.query(
                """
                update runner.projects set description = 'validate' where id = \(id)::uuid
                returning updated_at = now() as touched
                """)
            try connection.executeScript("rollback to savepoint write")
            let isTouched = try touched.first?.decode("touched", as: Bool.self) == true
            return SchemaCheck(.write, "projects", problem: isTouched ? nil : "updated_at was not kept")
        } catch {
            _ = try? connection.executeScript("rollback to savepoint write")
            return SchemaCheck(.write, "projects", problem: String(describing: error))
        }
    }
}

extension SchemaCheck {
    fileprivate init(role: String, isThere: Bool) {
        let problem = "is missing; let an administrator create it, then revert and apply the migration of its policies"
        self.init(.role, role, problem: isThere ? nil : problem)
    }
}
