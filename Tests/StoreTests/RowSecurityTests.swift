import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct RowSecurityTests {
        /// The rows that a role sees of a table; nil when it may not look.
        private func rows(_ table: String, as role: String, in database: Database) async throws -> Int? {
            do {
                return try await database.client.withTransaction { connection in
                    try connection.execute("set local role \(unescaped: role)")
                    return try connection.query("select from runner.\(unescaped: table)").count
                }
            } catch let error as PostgresError where error.code == .insufficientPrivilege {
                return nil
            }
        }

        private func fill(_ database: Database) async throws {
            let (_, run) = try await database.claimed()
            _ = try await database.environment(run)
            try await database.store.setSetting("open.value", .string("shown"))
            try await database.store.setSealedSetting("secret.value", [1, 2, 3])
            try await database.client.execute(
                "insert into runner.api_tokens (name, token_hash) values ('t', sha256('x'))")
        }

        @Test("The reader sees history, no token and no secret setting")
        func reader() async throws {
            try await Database.with { database in
                try await fill(database)
                for table in ["tasks", "runs", "steps", "environments", "repositories", "sessions", "events"] {
                    let seen = try await rows(table, as: "runner_reader", in: database)
                    #expect(try await database.count(table) == seen, "\(table)")
                    #expect((seen ?? 0) > 0)
                }
                #expect(try await rows("api_tokens", as: "runner_reader", in: database) == nil)
                #expect(try await rows("settings", as: "runner_reader", in: database) == 1)
                // Without the policy the same role sees the secret row: it is the policy that hides it.
                try await database.client.execute("alter table runner.settings disable row level security")
                #expect(try await rows("settings", as: "runner_reader", in: database) == 2)
            }
        }

        @Test("The reader writes nothing", arguments: ["tasks", "settings", "events", "api_tokens"])
        func readerWrites(table: String) async throws {
            try await Database.with { database in
                try await fill(database)
                let statements = [
                    "delete from runner.\(table)", "update runner.\(table) set created_at = now()",
                    "insert into runner.\(table) (created_at) values (now())",
                ]
                for statement in statements {
                    let error = await #expect(throws: PostgresError.self) {
                        try await database.client.withTransaction { connection in
                            try connection.execute("set local role runner_reader")
                            try connection.execute(SQL(unescaped: statement))
                        }
                    }
                    #expect(error?.code == .insufficientPrivilege)
                }
            }
        }

        @Test("The service role sees and writes everything")
        func service() async throws {
            try await Database.with { database in
                try await fill(database)
                #expect(try await rows("settings", as: "runner_service", in: database) == 2)
                #expect(try await rows("api_tokens", as: "runner_service", in: database) == 1)
                let task = try await database.newTask(try await database.store.repositories()[0].id)
                var target = database.target
                target.settings["role"] = "runner_service"
                let client = PostgresClient(target, applicationName: "service")
                let created = try await Store(unchecked: client).createTask(task)
                #expect(created.task.number > 0)
                await client.close()
            }
        }

        @Test("Who has grants and neither role is told that the rows are hidden, not that there is no schema")
        func hidden() async throws {
            try await Database.with { database in
                let open = { (role: String) in
                    var target = database.target
                    target.settings["role"] = role
                    let client = PostgresClient(target, applicationName: "granted")
                    defer { Task { await client.close() } }
                    _ = try await Store.open(client, autoMigrate: false)
                }
                let refused = await #expect(throws: PostgresError.self) { try await open("pg_monitor") }
                #expect(refused?.code == .insufficientPrivilege)
                try await database.client.execute("grant usage on schema runner to pg_monitor")
                try await database.client.execute("grant select on runner.schema_migrations to pg_monitor")
                await #expect(throws: StoreError.hiddenSchema(user: "pg_monitor")) { try await open("pg_monitor") }
                try await open("runner_reader")
                try await database.client.execute(
                    "create policy granted on runner.schema_migrations to pg_monitor using (true)")
                try await open("pg_monitor")
            }
        }

        @Test("Somebody without a role sees nothing")
        func stranger() async throws {
            try await Database.with { database in
                try await fill(database)
                #expect(try await rows("tasks", as: "pg_monitor", in: database) == nil)
            }
        }
    }
}
