import Foundation
import Synchronization
import Testing

@testable import Postgres

@Suite("Spare sessions", .cluster, .serialized)
struct SpareSessionTests {
    private var socket: String { "\(SharedCluster.target.parameters["host"] ?? "")/.s.PGSQL.5433" }

    private var takingTarget: ConnectionTarget {
        var target = SharedCluster.target
        target.takesSpareSessions = true
        return target
    }

    /// A lender with one session, and the process that serves it.
    private func withLender<T>(
        _ body: (SessionLender, Int) async throws -> T
    ) async throws -> T {
        let lender = try SessionLender(SharedCluster.target, applicationName: "spare") {}
        defer { lender.stop() }
        let client = PostgresClient(SharedCluster.target, applicationName: "spare")
        let process = try await processID(client)
        lender.add(try #require(await client.surrender()))
        #expect(lender.count == 1)
        return try await body(lender, process)
    }

    private func processID(_ client: PostgresClient) async throws -> Int {
        try #require(try await client.query("select pg_backend_pid() as pid").first?.decode("pid"))
    }

    @Test("A session that is ready is used, once, is like any other, and ends with its client")
    func taken() async throws {
        try await withLender { lender, process in
            let (client, second) = (
                PostgresClient(takingTarget, applicationName: "spare"),
                PostgresClient(takingTarget, applicationName: "spare")
            )
            #expect(try await processID(client) == process)
            #expect(lender.count == 0)
            #expect(try await processID(second) != process)
            let settings: SQL = "select name, setting from pg_settings where source = 'client' order by name"
            let taken = try await client.query(settings).map { try $0.decode("name", as: String.self) }
            let opened = try await second.query(settings).map { try $0.decode("name", as: String.self) }
            #expect(taken == opened && !taken.isEmpty)
            // What the lender does from now on is nothing to it.
            lender.stop()
            let rows = try await client.withTransaction { connection in try connection.query("select 1 as one").count }
            #expect(rows == 1)
            await client.close()
            let ended = try await eventually {
                try await second.query("select from pg_stat_activity where pid = \(process)").isEmpty
            }
            #expect(ended)
            await second.close()
        }
    }

    @Test("Who does not ask for one, or asks for another kind, opens its own, and the session stays")
    func refused() async throws {
        try await withLender { lender, process in
            var other = takingTarget
            other.settings = ["lock_timeout": "3s"]
            for client in [
                PostgresClient(SharedCluster.target, applicationName: "spare"),
                PostgresClient(takingTarget, applicationName: "another"),
                PostgresClient(other, applicationName: "spare"),
            ] {
                let own = try await processID(client)
                #expect(own != process)
                await client.close()
            }
            #expect(lender.count == 1)
        }
    }

    @Test("A session that the server has ended is not lent")
    func ended() async throws {
        try await withLender { lender, process in
            let client = PostgresClient(takingTarget, applicationName: "killer")
            try await client.execute("select pg_terminate_backend(\(process)::integer)")
            #expect(try await eventually { lender.count == 0 })
            let next = PostgresClient(takingTarget, applicationName: "spare")
            #expect(try await processID(next) != process)
            await next.close()
            await client.close()
        }
    }

    @Test("A statement on a lent session is cancelled as on any other")
    func cancelled() async throws {
        try await withLender { _, process in
            let client = PostgresClient(takingTarget, applicationName: "spare")
            #expect(try await processID(client) == process)
            let sleep = Task { try await client.query("select pg_sleep(60)") }
            try await withClient { observer in
                let isAsleep = try await eventually {
                    try await !observer.query(
                        "select from pg_stat_activity where pid = \(process) and wait_event = 'PgSleep'"
                    ).isEmpty
                }
                #expect(isAsleep)
            }
            let began = ContinuousClock.now
            sleep.cancel()
            await #expect(throws: CancellationError.self) { try await sleep.value }
            #expect(ContinuousClock.now - began < .seconds(20))
            #expect(try await processID(client) == process)
            await client.close()
        }
    }

    @Test("A lender that says nothing, a dead one and none keep nobody waiting", arguments: ["silent", "dead", "none"])
    func silent(kind: String) async throws {
        var descriptor = Int32(-1)
        if kind != "none" { descriptor = UnixSocket.listen(socket) }
        if kind == "dead" { close(descriptor) }
        defer {
            if kind == "silent" { close(descriptor) }
            unlink(socket)
        }
        let client = PostgresClient(takingTarget, applicationName: "spare")
        let began = ContinuousClock.now
        _ = try await processID(client)
        // Without a limit it would be the ten seconds of `connect_timeout`.
        #expect(ContinuousClock.now - began < .seconds(5))
        await client.close()
    }

    @Test("A connection that was refused is waited for no longer")
    func refusedAtOnce() {
        let began = ContinuousClock.now
        #expect(!PostgresConnection.waits(for: POLLIN, on: -1, before: began + .seconds(60)))
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test("A later lender takes the place of an earlier one, which leaves it alone")
    func replaced() async throws {
        let first = try SessionLender(SharedCluster.target, applicationName: "spare") {}
        try await withLender { _, process in
            first.stop()
            let client = PostgresClient(takingTarget, applicationName: "spare")
            let taken = try await processID(client)
            #expect(taken == process)
            await client.close()
        }
        #expect(access(socket, F_OK) != 0)
    }

    @Test("Each request is told to the keeper, also one that nobody could serve")
    func told() async throws {
        let requests = Atomic<Int>(0)
        let lender = try SessionLender(SharedCluster.target, applicationName: "spare") {
            requests.add(1, ordering: .relaxed)
        }
        defer { lender.stop() }
        let client = PostgresClient(takingTarget, applicationName: "spare")
        _ = try await processID(client)
        #expect(try await eventually { requests.load(ordering: .relaxed) == 1 })
        await client.close()
    }

    @Test("What a client says first is read, and nothing else")
    func packets() {
        let session: [UInt8] = [0, 3, 0, 0] + Array("user\0a\0database\0b\0\0".utf8)
        #expect(StartupPacket(session) == .session(["user": "a", "database": "b"]))
        #expect(
            StartupPacket([4, 210, 22, 46, 0, 0, 1, 0, 255, 0, 0, 1]) == .cancel(processID: 256, key: 0xFF00_0001))
        #expect(StartupPacket([4, 210, 22, 47]) == .encryption)
        for wrong: [UInt8] in [[], [0, 3], [0, 2, 0, 0, 65, 0], [4, 210, 22, 46, 0, 0, 1, 0]] {
            #expect(StartupPacket(wrong) == nil)
        }
        // A name without a value.
        #expect(StartupPacket([0, 3, 0, 0] + Array("user".utf8)) == .session([:]))
    }
}
