import Foundation
import Testing

@testable import Postgres

@Suite("Prepared statements", .cluster)
struct StatementCacheTests {
    private static let names: SQL = "select name from pg_prepared_statements"

    private func add(_ a: Int, _ b: Int, with client: PostgresClient) async throws -> Int? {
        try await client.query("select \(a)::bigint + \(b)::bigint as sum").first?.decode("sum")
    }

    @Test("A statement is prepared when it comes again, once")
    func preparesTheSecondTime() async throws {
        try await withClient { client in
            #expect(try await add(1, 2, with: client) == 3)
            #expect(try await client.query(Self.names).isEmpty)
            for number in 0..<4 { #expect(try await add(number, 5, with: client) == number + 5) }
            let text = try await client.query("select statement from pg_prepared_statements").map { row in
                try row.decode("statement", as: String.self)
            }
            #expect(text.filter { $0.contains("as sum") }.count == 1)
        }
    }

    @Test("A pooler that gives another server connection costs no statement, and nothing is prepared from then on")
    func surveysPoolers() async throws {
        try await withClient { client in
            for number in 0..<3 { #expect(try await add(number, 1, with: client) == number + 1) }
            // What another server connection knows of our statements: nothing.
            try await client.withConnection { connection in try connection.executeScript("deallocate all") }
            for number in 0..<3 { #expect(try await add(number, 2, with: client) == number + 2) }
            #expect(try await client.query(Self.names).isEmpty)
        }
    }

    @Test("A statement whose result changed its shape meanwhile is planned again")
    func survivesMigrations() async throws {
        try await withClient { client in
            try await client.execute("create temporary table shaped (a int)")
            try await client.execute("insert into shaped values (7)")
            for _ in 0..<3 { #expect(try await client.query("select * from shaped").count == 1) }
            try await client.execute("alter table shaped add b int")
            let row = try #require(try await client.query("select * from shaped").first)
            #expect(try row.decodeIfPresent("b", as: Int.self) == nil)
            #expect(try row.decode("a", as: Int.self) == 7)
            for _ in 0..<3 { #expect(try await client.query("select * from shaped").first?.columns == ["a", "b"]) }
            try await client.execute("alter table shaped rename a to c")
            #expect(try await client.query("select * from shaped").first?.columns == ["c", "b"])
        }
    }

    @Test("A failure of the statement itself is thrown, prepared or not")
    func failuresStay() async throws {
        try await withClient { client in
            for _ in 0..<3 { #expect(try await client.query("select 1 / \(1)::int as x").count == 1) }
            var state: String?
            do {
                _ = try await client.query("select 1 / \(0)::int as x")
            } catch let error as PostgresError {
                state = error.sqlState
            }
            #expect(state == "22012")
        }
    }

    @Test("In a transaction statements are sent as text, so that none fails for its name")
    func notInTransactions() async throws {
        try await withClient { client in
            for _ in 0..<3 { _ = try await add(1, 1, with: client) }
            try await client.withConnection { connection in try connection.executeScript("deallocate all") }
            let sum = try await client.withTransaction { connection in
                try connection.query("select \(1)::bigint + \(1)::bigint as sum").first?.decode("sum", as: Int.self)
            }
            #expect(sum == 2)
        }
    }
}
