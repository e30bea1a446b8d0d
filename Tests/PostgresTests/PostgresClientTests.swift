import Foundation
import Testing

@testable import Postgres

@Suite("Client", .cluster)
struct PostgresClientTests {
    private func echo<T: PostgresEncodable & PostgresDecodable>(_ value: T, as type: SQL) async throws -> T? {
        try await withClient { client in
            let rows = try await client.query("select \(value)::\(type) as value")
            return try rows.first?.decodeIfPresent("value", as: T.self)
        }
    }

    @Test("Each type comes back as it was sent")
    func roundTrips() async throws {
        #expect(try await echo(Int.min, as: "bigint") == Int.min)
        #expect(try await echo(Int64.max, as: "bigint") == Int64.max)
        #expect(try await echo(Int32(-7), as: "int") == -7)
        #expect(try await echo(true, as: "boolean") == true)
        #expect(try await echo(0.1 + 0.2, as: "double precision") == 0.1 + 0.2)
        #expect(try await echo(-Double.infinity, as: "double precision") == -Double.infinity)
        let id = UUID()
        #expect(try await echo(id, as: "uuid") == id)
        #expect(try await echo([id, UUID()], as: "uuid[]")?.first == id)
        #expect(try await echo([1, -2], as: "bigint[]") == [1, -2])
        let all = (0...255).map { UInt8($0) }
        #expect(try await echo(all, as: "bytea") == all)
        #expect(try await echo(Data(all), as: "bytea") == Data(all))
        #expect(try await echo([UInt8](), as: "bytea") == [])
    }

    @Test(
        "Text comes back as it was sent, whatever it holds",
        arguments: [
            "", "'; drop table x; --", "\"quoted\"", "back\\slash", "$1 %s", "日本語 👩‍👩‍👧 \u{1F4A9}", "a\nb\tc", "NULL",
        ])
    func text(value: String) async throws {
        #expect(try await echo(value, as: "text") == value)
        #expect(try await echo([value, "x"], as: "text[]") == [value, "x"])
    }

    @Test(
        "Moments come back to the microsecond",
        arguments: [0, 1_700_000_000.123456, -1.5, 32_503_680_000, -62_135_596_801])
    func moments(seconds: Double) async throws {
        let date = Date(timeIntervalSince1970: seconds)
        let back = try #require(try await echo(date, as: "timestamptz"))
        #expect(abs(back.timeIntervalSince(date)) < 0.000_02)
        #expect(try await echo(back, as: "timestamptz") == back)
    }

    @Test("The infinities come back")
    func infinities() async throws {
        #expect(try await echo(Date.distantFuture, as: "timestamptz") == .distantFuture)
        #expect(try await echo(Date.distantPast, as: "timestamptz") == .distantPast)
    }

    @Test("NULL is absent, and an error that names the column where a value is needed")
    func nulls() async throws {
        try await withClient { client in
            let rows = try await client.query("select \(String?.none)::text as name, \(Int?.some(3)) as number")
            let row = try #require(rows.first)
            #expect(try row.decodeIfPresent("name", as: String.self) == nil)
            #expect(try row.decodeIfPresent("number", as: Int.self) == 3)
            let error = #expect(throws: PostgresError.self) { try row.decode("name", as: String.self) }
            #expect(error?.code == .decoding)
            #expect(error?.message == "column \"name\" is NULL, expected String")
        }
    }

    @Test("A missing, a doubled and a mistyped column are errors that name it")
    func decodingErrors() async throws {
        try await withClient { client in
            let row = try #require(try await client.query("select 1 as a, 2 as b, 3 as b, 'x' as c").first)
            #expect(throws: PostgresError.self) { try row.decode("missing", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode("b", as: Int.self) }
            let error = #expect(throws: PostgresError.self) { try row.decode("c", as: Int.self) }
            #expect(error?.description == "decode: column \"c\" does not hold a value of type Int")
        }
    }

    @Test("NUL is refused before it could cut text short")
    func nul() async throws {
        try await withClient { client in
            for sql: SQL in [
                "select \("a\0b")::text", "select \(["a\0b"])", SQL(unescaped: "select 1\0; drop table x"),
            ] {
                let error = await #expect(throws: PostgresError.self) { try await client.query(sql) }
                #expect(error?.code == .encoding)
            }
            // Libpq itself sees C strings: all that follows NUL is lost to it.
            #expect(String(cString: Array("a\0b".utf8.map { CChar($0) }) + [0]) == "a")
        }
    }

    @Test("An attack in a bind stays text; the same attack as raw script text succeeds")
    func injection() async throws {
        try await withClient { client in
            let attack = "x'; drop table victims; --"
            try await client.execute("create temporary table victims (name text)")
            try await client.execute("insert into victims values (\(attack))")
            #expect(try await client.query("select 1 from victims where name = \(attack)").count == 1)
            try await client.withConnection { connection in
                try connection.executeScript("select * from victims where name = '\(attack)'")
            }
            let error = await #expect(throws: PostgresError.self) { try await client.query("select from victims") }
            #expect(error?.code == .undefinedTable)
        }
    }

    @Test("Violations carry code, SQLSTATE and constraint, and keep the row out of the description")
    func violations() async throws {
        try await withClient { client in
            try await client.execute(
                "create temporary table people (name text constraint people_name unique, age int check (age > 0))")
            #expect(try await client.execute("insert into people values (\("secret"), 1), ('b', 2)") == 2)
            let unique = await #expect(throws: PostgresError.self) {
                try await client.execute("insert into people values (\("secret"), 1)")
            }
            #expect(unique?.code == .uniqueViolation)
            #expect(unique?.sqlState == "23505")
            #expect(unique?.constraint == "people_name")
            #expect(unique?.detail?.contains("secret") == true)
            #expect(unique?.description.contains("secret") == false)
            let check = await #expect(throws: PostgresError.self) {
                try await client.execute("update people set age = \(-1)")
            }
            #expect(check?.code == .checkViolation)
        }
    }

    @Test("The session's settings hold without a further round trip")
    func settings() async throws {
        var target = SharedCluster.target
        target.settings = ["search_path": "\"a b\", public"]
        let client = PostgresClient(target, applicationName: "it's me")
        let row = try #require(
            try await client.query(
                """
                select current_setting('TimeZone') as zone, current_setting('lock_timeout') as lock,
                    current_setting('idle_in_transaction_session_timeout') as idle,
                    current_setting('client_min_messages') as messages, current_setting('search_path') as path, current_setting('application_name') as name
                """
            ).first)
        #expect(try row.decode("zone", as: String.self) == "UTC")
        #expect(try row.decode("lock", as: String.self) == "10s")
        #expect(try row.decode("idle", as: String.self) == "1min")
        #expect(try row.decode("path", as: String.self) == "\"a b\", public")
        #expect(try row.decode("messages", as: String.self) == "warning")
        #expect(try row.decode("name", as: String.self) == "it's me")
        await client.close()
        let error = await #expect(throws: PostgresError.self) { try await client.query("select 1") }
        #expect(error?.code == .connectionFailed)
    }

    @Test("A connection that the server has closed is replaced before the next use")
    func reconnects() async throws {
        try await withClient { client in
            let first: Int32 = try #require(try await client.query("select pg_backend_pid() as pid").first).decode(
                "pid")
            try await withClient { other in
                _ = try await other.query("select pg_terminate_backend(\(first))")
            }
            // Gone from the server's own list is not yet gone: the socket closes last.
            let isGone = try await eventually { !ProcessState.isAlive(first) }
            #expect(isGone)
            let second: Int32 = try #require(try await client.query("select pg_backend_pid() as pid").first).decode(
                "pid")
            #expect(first != second)
        }
    }

    @Test("A connection that breaks during a statement is reported as such, and the next call works")
    func breaks() async throws {
        try await withClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("select pg_terminate_backend(pg_backend_pid())")
            }
            #expect(error?.code == .connectionFailed)
            let rows = try await client.query("select 1")
            #expect(rows.count == 1)
        }
    }
}
