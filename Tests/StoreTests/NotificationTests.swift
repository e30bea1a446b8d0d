import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct NotificationTests {
        @Test(
            "Queueing and asking to cancel wake the listener, once each, and no other write does",
            .timeLimit(.minutes(1)))
        func wakeUps() async throws {
            try await Database.with { database in
                let store = database.store
                let listener = PostgresListener(
                    database.target, channels: Store.Channel.allCases.map(\.rawValue), applicationName: "listener")
                var received = listener.makeAsyncIterator()
                // One for each channel says that it listens.
                for _ in Store.Channel.allCases { #expect(await received.next()?.isCatchUp == true) }

                let (created, run) = try await database.claimed()
                _ = try await database.environment(run)
                let session = try #require(run.ownerSessionID)
                #expect(try await store.heartbeat(session, lease: .seconds(60)))
                var attempt = try await store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                attempt.status = .succeeded
                try await store.finishAttempt(FinishAttempt(runID: run.id, fence: run.fence, attempt: attempt))
                #expect(try await store.requestCancel(of: run.id))
                #expect(try await store.requestCancel(of: run.id))
                try await store.finishRun(run.id, fence: run.fence, status: .cancelled)
                _ = try await store.reopenRun(run.id, resetting: [])
                try await database.client.execute("select pg_notify('runner_cancel', 'end')")

                var heard: [String] = []
                while let next = await received.next(), next.payload != "end" {
                    heard.append("\(next.channel) \(next.payload)")
                }
                #expect(
                    heard == [
                        "runner_queued \(run.id)", "runner_cancel \(run.id)", "runner_queued \(run.id)",
                    ])
                await listener.close()
            }
        }
    }
}
