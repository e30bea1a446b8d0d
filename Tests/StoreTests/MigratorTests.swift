import Foundation
import Postgres
import Testing

@testable import Store

extension StoreSuite {
    struct MigratorTests {
        @Test("Up, down and up again gives the same schema, and down leaves none")
        func roundTrip() async throws {
            try await Database.with(migrated: false) { database in
                let applied = try await database.migrator.migrate()
                #expect(applied == Migration.embedded)
                let first = try database.dump()
                #expect(first.contains("CREATE TABLE runner.tasks"))
                #expect(try await database.migrator.revert(applied.count) == applied.reversed())
                #expect(try await database.value("select count(*) from pg_namespace where nspname = 'runner'") == 0)
                try await database.migrator.migrate()
                #expect(try database.dump() == first)
                // Without this the comparison above might be blind.
                try await database.client.execute("drop index runner.tasks_labels_idx")
                #expect(try database.dump() != first)
            }
        }

        @Test("Each single migration can be taken back and applied again")
        func stepwise() async throws {
            try await Database.with { database in
                let full = try database.dump()
                for count in 1...Migration.embedded.count {
                    #expect(try await database.migrator.revert(count).count == count)
                    #expect(try await database.migrator.migrate().count == count)
                }
                #expect(try database.dump() == full)
            }
        }

        @Test("The last migration, taken back, leaves the schema as it was before")
        func last() async throws {
            try await Database.with(migrated: false) { database in
                let earlier = Array(Migration.embedded.dropLast())
                try await Migrator(database.client, migrations: earlier).migrate()
                let before = try database.dump()
                try await database.migrator.migrate()
                #expect(try database.dump() != before)
                try await database.migrator.revert(1)
                #expect(try database.dump() == before)
            }
        }

        @Test("Many programs that migrate at once apply each migration once")
        func concurrent() async throws {
            try await Database.with(migrated: false) { database in
                let done = try await database.concurrently(6) { store, _ in
                    try await Migrator(store.client).migrate().map(\.version)
                }
                #expect(done.flatMap { $0 }.sorted() == Migration.embedded.map(\.version))
            }
        }

        @Test("A dry run changes nothing and says what would be done")
        func dryRun() async throws {
            try await Database.with(migrated: false) { database in
                #expect(try await database.migrator.migrate(dryRun: true) == Migration.embedded)
                #expect(try await database.migrator.applied().isEmpty)
                let states = try await database.migrator.status().map(\.state)
                #expect(states == Migration.embedded.map { _ in .pending })
            }
        }

        @Test("A migration that fails leaves nothing behind")
        func failing() async throws {
            try await Database.with { database in
                let bad = Migration(
                    version: 99, name: "bad", up: "create table runner.half (); select 1 / 0;", down: "")
                let migrator = Migrator(database.client, migrations: Migration.embedded + [bad])
                await #expect(throws: PostgresError.self) { try await migrator.migrate() }
                let status = try await migrator.status()
                #expect(status.last?.state == .pending)
                #expect(try await database.value("select to_regclass('runner.half') is null"))
            }
        }

        @Test("A changed migration is refused by name")
        func changed() async throws {
            try await Database.with { database in
                try await database.client.execute(
                    "update runner.schema_migrations set checksum = repeat('0', 64) where version = 4")
                let error = StoreError.changedMigration(version: 4, name: "tasks_environments")
                await #expect(throws: error) { try await Store.open(database.client, autoMigrate: true) }
                await #expect(throws: error) { try await database.migrator.migrate() }
                await #expect(throws: error) { try await database.migrator.revert(1) }
                #expect(error.description.contains("4 (tasks_environments)"))
            }
        }

        @Test("A migration of a newer program is refused by name")
        func unknown() async throws {
            try await Database.with { database in
                try await database.client.execute(
                    """
                    insert into runner.schema_migrations (version, name, checksum, duration_ms)
                    values (77, 'future', repeat('0', 64), 1)
                    """)
                let error = StoreError.unknownMigration(version: 77, name: "future")
                await #expect(throws: error) { try await Store.open(database.client, autoMigrate: true) }
            }
        }

        @Test("Opening migrates only where it may")
        func open() async throws {
            try await Database.with(migrated: false) { database in
                await #expect(throws: StoreError.noSchema) {
                    try await Store.open(database.client, autoMigrate: false)
                }
                _ = try await Store.open(database.client, autoMigrate: true)
                _ = try await Store.open(database.client, autoMigrate: false)
                try await database.migrator.revert(1)
                let versions = Migration.embedded.map(\.version).suffix(2)
                let (applied, needed) = (try #require(versions.first), try #require(versions.last))
                await #expect(throws: StoreError.schemaBehind(applied: applied, needed: needed)) {
                    try await Store.open(database.client, autoMigrate: false)
                }
            }
        }

        @Test("A user who may not create roles gets the schema, and validate says what is missing")
        func withoutCreateRole() async throws {
            try await LocalCluster.withThrowaway { target in
                let admin = PostgresClient(target, applicationName: "store tests")
                try await admin.execute("create role hosted")
                try await admin.execute("create database hosted owner hosted")
                var hosted = target.database("hosted")
                hosted.settings["role"] = "hosted"
                let client = PostgresClient(hosted, applicationName: "store tests")
                let migrator = Migrator(client)
                try await migrator.migrate()
                let bad = try await migrator.validate().filter { !$0.isOK }
                #expect(bad.map(\.kind) == [.role, .role])
                try await migrator.revert(Migration.embedded.count)
                try await migrator.migrate()
                await client.close()
                await admin.close()
            }
        }

        @Test("Taking back the roles keeps those that somebody uses and drops the others")
        func roles() async throws {
            try await LocalCluster.withThrowaway { target in
                let client = PostgresClient(target, applicationName: "store tests")
                let migrator = Migrator(client)
                try await migrator.migrate()
                try await client.execute("create role person")
                try await client.execute("grant runner_reader to person")
                try await migrator.revert(Migration.embedded.count { $0.version >= 9 })
                let roles = try await client.query("select rolname from pg_roles where rolname like 'runner_%'")
                #expect(try roles.map { try $0.decode("rolname", as: String.self) } == ["runner_reader"])
                await client.close()
            }
        }
    }
}

struct MigrationFilesTests {
    @Test("The embedded migrations are the files of the folder, each number once, from 1 upwards")
    func files() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../migrations").standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let embedded = Migration.embedded.flatMap { migration in
            let number = String(migration.version)
            let stem = String(repeating: "0", count: 4 - number.count) + number + "_" + migration.name
            return ["\(stem).down.sql", "\(stem).up.sql"]
        }
        #expect(embedded.sorted() == names)
        let numbers = Migration.embedded.map(\.version)
        #expect(numbers == Set(numbers).sorted() && numbers.first == 1)
        for migration in Migration.embedded {
            let file = names.first { $0.hasSuffix("_\(migration.name).up.sql") }
            let text = try String(contentsOf: folder.appending(path: try #require(file)), encoding: .utf8)
            #expect(migration.up == text)
        }
    }

    @Test(
        "A new migration is named after its number",
        arguments: [("add labels", "add_labels"), ("Add-Labels", "add_labels"), ("x", "x")])
    func newMigration(name: String, cleaned: String) throws {
        let new = try NewMigration(version: 10, name: name)
        #expect(new.upFile == "0010_\(cleaned).up.sql")
        #expect(new.downFile == "0010_\(cleaned).down.sql")
    }

    @Test("A name that is no name is refused", arguments: ["", " ", "__", "../etc", "a/b", "ä", "a.b", "a;b"])
    func badName(name: String) {
        #expect(throws: StoreError.invalidMigrationName(name)) { try NewMigration(version: 1, name: name) }
    }
}
