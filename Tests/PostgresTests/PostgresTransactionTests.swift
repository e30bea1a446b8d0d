import Foundation
import Synchronization
import Testing

@testable import Postgres

@Suite("Transactions and cancellation", .cluster)
struct PostgresTransactionTests {
    private struct Refusal: Error {}

    /// A table that is visible to all connections, dropped at the end.
    private func withTable(_ body: (PostgresClient, String) async throws -> Void) async throws {
        try await withClient { client in
            let table = "t_" + UUID().uuidString.replacing("-", with: "_").lowercased()
            try await client.execute("create table \(unescaped: table) (id int primary key, n int not null default 0)")
            try await body(client, table)
            try await client.execute("drop table \(unescaped: table)")
        }
    }

    @Test("Returning commits, throwing rolls back")
    func commitAndRollback() async throws {
        try await withTable { client, table in
            try await client.withTransaction { try $0.execute("insert into \(unescaped: table) values (1)") }
            await #expect(throws: Refusal.self) {
                try await client.withTransaction { connection in
                    try connection.execute("insert into \(unescaped: table) values (2)")
                    throw Refusal()
                }
            }
            #expect(try await client.query("select from \(unescaped: table)").count == 1)
        }
    }

    @Test("A swallowed failure makes the commit an error, where plain COMMIT says nothing")
    func swallowedFailure() async throws {
        try await withTable { client, table in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { connection in
                    try connection.execute("insert into \(unescaped: table) values (1)")
                    _ = try? connection.execute("select 1/0")
                }
            }
            #expect(error?.code == .transactionAborted)
            #expect(error?.operation == "commit")
            try await client.withConnection { connection in
                try connection.execute("begin")
                _ = try? connection.execute("select 1/0")
                try connection.execute("commit")
            }
            #expect(try await client.query("select from \(unescaped: table)").isEmpty)
        }
    }

    @Test("A transaction that is left open is an error and harms no later borrower")
    func leftOpen() async throws {
        try await withClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withConnection { try $0.execute("begin") }
            }
            #expect(error?.code == .transactionAborted)
            let outside = await #expect(throws: PostgresError.self) { try await client.execute("savepoint here") }
            #expect(outside?.sqlState == "25P01")
        }
    }

    @Test("Serialization failures are tried again as often as asked, and not without being asked")
    func retries() async throws {
        try await withTable { client, table in
            try await client.execute("insert into \(unescaped: table) values (1), (2)")
            let runs = Mutex(0)
            let count = { @Sendable () -> Int in
                runs.withLock {
                    $0 += 1; return $0
                }
            }
            let target = SharedCluster.target
            let body = { @Sendable (connection: borrowing PostgresConnection) throws in
                _ = try connection.query("select n from \(unescaped: table) where id = 1")
                if count() == 1 {
                    let rival = try PostgresConnection.open(target, applicationName: "rival")
                    try rival.execute("update \(unescaped: table) set n = n + 1")
                }
                try connection.execute("update \(unescaped: table) set n = n + 1 where id = 1")
            }
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction(isolation: .repeatableRead, body)
            }
            #expect(error?.code == .serializationFailure)
            runs.withLock { $0 = 0 }
            try await client.withTransaction(isolation: .repeatableRead, retrying: 2, body)
            #expect(runs.withLock { $0 } == 2)
        }
    }

    @Test(
        "A statement that lost a deadlock is run again; the control, on a lent connection, is told of it",
        arguments: [true, false])
    func deadlock(isAlone: Bool) async throws {
        try await withTable { client, table in
            let all: SQL = "update \(unescaped: table) set n = n + 1"
            // In the order in which they lie: the second is locked first.
            try await client.execute("insert into \(unescaped: table) values (2), (1)")
            try await withClient { rival in
                async let other: Void = rival.withTransaction { connection in
                    // The other session finds the deadlock.
                    try connection.execute("set local deadlock_timeout = '1min'")
                    try connection.execute("update \(unescaped: table) set n = n + 1 where id = 1")
                    let waiting: SQL = """
                        select from pg_locks w join pg_locks h on h.transactionid = w.transactionid and h.granted
                        where not w.granted and h.pid = pg_backend_pid()
                        """
                    let end = ContinuousClock.now + .seconds(60)
                    while try connection.query(waiting).isEmpty, ContinuousClock.now < end {}
                    try connection.execute("update \(unescaped: table) set n = n + 1 where id = 2")
                }
                #expect(
                    try await eventually {
                        try await client.query(
                            "select from \(unescaped: table) where id = 1 for update skip locked"
                        ).isEmpty
                    })
                if isAlone {
                    #expect(try await client.execute(all) == 2)
                } else {
                    let error = await #expect(throws: PostgresError.self) {
                        try await client.withConnection { try $0.execute(all) }
                    }
                    #expect(error?.code == .deadlock)
                }
                try await other
            }
            let rows = try await client.query("select n from \(unescaped: table)")
            #expect(try rows.map { try $0.decode("n", as: Int.self) } == (isAlone ? [2, 2] : [1, 1]))
        }
    }

    @Test("A cancel that comes while the connection is made ends the call, whose statement is not sent")
    func cancelledConnecting() async throws {
        try await withClient { admin in
            // The name shows on the command line of the session that is being opened.
            let name = "c" + UUID().uuidString.replacing("-", with: "").lowercased()
            try await admin.execute("create database \(unescaped: name)")
            var parameters = SharedCluster.target.parameters
            parameters["dbname"] = name
            var target = ConnectionTarget(parameters: parameters)
            target.settings["post_auth_delay"] = "2s"
            let client = PostgresClient(target, applicationName: "slow")
            let call = Task { try await client.query("select pg_sleep(60)") }
            let isConnecting = try await eventually {
                let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
                return names.contains { process in
                    let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
                    return line.range(of: Data(name.utf8)) != nil
                }
            }
            #expect(isConnecting && client.openings == 0)
            let start = ContinuousClock.now
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(ContinuousClock.now - start < .seconds(30))
            // It was made all the same, for the next call.
            #expect(try await client.query("select 1").count == 1 && client.openings == 1)
            await client.close()
            try await admin.execute("drop database \(unescaped: name) with (force)")
        }
    }

    @Test("Cancelling a task ends its statement at once, and the connection stays usable")
    func cancellation() async throws {
        try await withClient { client in
            let pid: Int32 = try #require(try await client.query("select pg_backend_pid() as pid").first).decode("pid")
            let sleeper = Task { try await client.query("select pg_sleep(60)") }
            try await withClient { other in
                let isAsleep = try await eventually {
                    try await other.query(
                        "select from pg_stat_activity where pid = \(pid) and state = 'active'"
                    ).count == 1
                }
                #expect(isAsleep)
            }
            let start = ContinuousClock.now
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
            #expect(ContinuousClock.now - start < .seconds(10))
            let after: Int32 = try #require(try await client.query("select pg_backend_pid() as pid").first).decode(
                "pid")
            #expect(after == pid)
        }
    }

    @Test("A cancelled transaction is rolled back")
    func cancelledTransaction() async throws {
        try await withTable { client, table in
            let task = Task {
                try await client.withTransaction { connection in
                    try connection.execute("insert into \(unescaped: table) values (1)")
                    _ = try connection.query("select pg_sleep(60)")
                }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let rows = try await client.query("select from \(unescaped: table)")
            #expect(rows.isEmpty)
        }
    }

    @Test("A cancel after the loan hits nobody; without disarming it would")
    func lateCancel() async throws {
        try await withClient { client in
            let borrow = PostgresBorrow()
            try await client.withConnection { connection in
                borrow.arm(connection)
                borrow.disarm()
            }
            borrow.cancel()
            #expect(try await client.query("select pg_sleep(0.2)").count == 1)

            let careless = PostgresBorrow()
            try await client.withConnection { careless.arm($0) }
            careless.cancel()
            let error = await #expect(throws: PostgresError.self) { try await client.query("select pg_sleep(60)") }
            #expect(error?.code == .queryCanceled)
            careless.disarm()
        }
    }
}
