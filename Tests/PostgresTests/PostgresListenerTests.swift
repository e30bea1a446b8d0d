import Testing

@testable import Postgres

@Suite("Listener", .cluster)
struct PostgresListenerTests {
    @Test("Notifications arrive in order, with their payload, after one catch-up each channel", .timeLimit(.minutes(1)))
    func receives() async throws {
        let listener = PostgresListener(SharedCluster.target, channels: ["odd \"name\""], applicationName: "listener")
        var iterator = listener.makeAsyncIterator()
        #expect(await iterator.next()?.isCatchUp == true)
        try await withClient { client in
            for number in 1...50 { try await client.execute("select pg_notify(\("odd \"name\""), \(String(number)))") }
        }
        for number in 1...50 {
            let notification = await iterator.next()
            #expect(notification?.payload == String(number))
            #expect(notification?.channel == "odd \"name\"")
        }
        await listener.close()
        #expect(await iterator.next() == nil)
    }

    @Test("A lost connection is made anew and announced, and its preparation runs again", .timeLimit(.minutes(1)))
    func reconnects() async throws {
        let listener = PostgresListener(
            SharedCluster.target, channels: ["again"], applicationName: "listener to kill",
            preparing: { try $0.execute("select pg_advisory_lock(4711)") })
        var iterator = listener.makeAsyncIterator()
        #expect(await iterator.next()?.isCatchUp == true)
        try await withClient { client in
            let killed = try await client.query(
                """
                select pg_terminate_backend(pid) from pg_locks
                where locktype = 'advisory' and objid = 4711 and granted
                """)
            #expect(killed.count == 1)
        }
        #expect(await iterator.next()?.isCatchUp == true)
        _ = try await withClient { client in
            try await client.execute("notify again, 'x'")
        }
        #expect(await iterator.next()?.payload == "x")
        await listener.close()
    }

    @Test("Cancelling the consumer ends the sequence and the connection", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let target = SharedCluster.target
        let consumer = Task {
            for await _ in PostgresListener(target, channels: ["c"], applicationName: "listener to cancel") {}
        }
        try await withClient { client in
            let find: SQL = "select from pg_stat_activity where application_name = 'listener to cancel'"
            let isConnected = try await eventually { try await client.query(find).count == 1 }
            #expect(isConnected)
            consumer.cancel()
            await consumer.value
            let isGone = try await eventually { try await client.query(find).isEmpty }
            #expect(isGone)
        }
    }
}
