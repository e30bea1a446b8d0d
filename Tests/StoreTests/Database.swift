import Foundation
import Postgres
import RunnerCore
import Store
import Testing

/// A database of its own for one test.
struct Database {
    let target: ConnectionTarget
    let client: PostgresClient

    var store: Store { Store(unchecked: client) }
    var migrator: Migrator { Migrator(client) }

    /// Lends a fresh database, with the schema unless told otherwise, and drops it whatever happens.
    static func with(migrated: Bool = true, _ body: (Database) async throws -> Void) async throws {
        let server = try #require(DatabaseServer.target)
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let admin = PostgresClient(server, applicationName: "store tests")
        let template = migrated ? DatabaseServer.template : "template1"
        try await admin.execute("create database \(unescaped: name) template \(unescaped: template)")
        let target = server.database(name)
        let database = Database(target: target, client: PostgresClient(target, applicationName: "store tests"))
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.client.close()
        try await admin.execute("drop database \(unescaped: name) with (force)")
        await admin.close()
        try outcome.get()
    }

    /// Runs the body with `count` further connections at once and collects what they return.
    func concurrently<T: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Store, Int) async throws -> T
    ) async throws -> [T] {
        try await withThrowingTaskGroup(of: T.self) { group in
            for index in 0..<count {
                group.addTask {
                    let client = PostgresClient(target, applicationName: "store tests \(index)")
                    let value = try await body(Store(unchecked: client), index)
                    await client.close()
                    return value
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Whether `body` has to wait while another session holds the row of `run`; the rest of the time it does not.
    func isKeptWaiting(by run: RunID, _ body: @escaping @Sendable (Store) async throws -> Void) async throws -> Bool {
        try await client.execute("create table public.asked (answer boolean)")
        let answers = try await concurrently(2) { [target] store, index -> Bool in
            guard index == 1 else {
                return try await store.client.withTransaction { connection in
                    _ = try connection.query("select id from runner.runs where id = \(run) for no key update")
                    // Until the other was kept waiting, or not, or for a minute.
                    try connection.execute(
                        """
                        do $$ begin
                            for i in 1..600 loop
                                exit when exists (select from public.asked);
                                perform pg_sleep(0.1);
                            end loop;
                        end $$
                        """)
                    return false
                }
            }
            let free: SQL = "select id from runner.runs where id = \(run) for update skip locked"
            while try await !store.client.query(free).isEmpty {}
            var hasty = target
            hasty.settings["lock_timeout"] = "200ms"
            let client = PostgresClient(hasty, applicationName: "hasty store tests")
            var waits = false
            do {
                try await body(Store(unchecked: client))
            } catch let error as PostgresError where error.code == .lockNotAvailable {
                waits = true
            }
            await client.close()
            try await store.client.execute("insert into public.asked values (true)")
            return waits
        }
        try await client.execute("drop table public.asked")
        return answers.contains(true)
    }

    /// The only value of the only row of a statement.
    func value<T: PostgresDecodable>(_ sql: SQL, as type: T.Type = T.self) async throws -> T {
        try #require(try await client.query("select v.value from (\(sql)) v (value)").first).decode("value")
    }

    func count(_ table: String) async throws -> Int {
        try await value("select count(*) from runner.\(unescaped: table)")
    }

    /// The schema as the server's own dump program writes it.
    func dump() throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["pg_dump", "--schema-only", "--schema=runner"]
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
        environment["PGHOST"] = target.parameters["host"]
        environment["PGPORT"] = target.parameters["port"]
        environment["PGUSER"] = target.parameters["user"]
        environment["PGDATABASE"] = target.parameters["dbname"]
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        // Newer servers write a random word into the restrict lines.
        return text.split(separator: "\n").filter { !$0.contains("restrict ") }.joined(separator: "\n")
    }
}
