import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct TakeoverTests {
        /// A running run of host `here`, whose only session is as old as given.
        private func running(_ database: Database) async throws -> (run: RunRecord, owner: SessionID) {
            let created = try await database.task()
            let owner = try await database.session().id
            let run = try #require(try await database.store.claimRun(created.run.id, for: owner))
            _ = try await database.environment(run)
            return (run, owner)
        }

        private func age(_ owner: SessionID, _ seconds: Int, in database: Database) async throws {
            try await database.client.execute(
                """
                update runner.sessions set lease_until = now() - interval '1 s',
                    last_heartbeat = now() - make_interval(secs => \(seconds)) where id = \(owner)
                """)
        }

        @Test("A run is taken over elsewhere once its host has been silent for long, and the old fence is void")
        func silence() async throws {
            try await Database.with { database in
                let (run, owner) = try await running(database)
                let other = try await database.session(host: "there").id
                let wait = Duration.seconds(60)
                // Alive; lease over but not silent for long; then both.
                #expect(try await database.store.takeOverRun(run.id, for: other, silence: wait) == nil)
                try await age(owner, 30, in: database)
                #expect(try await database.store.takeOverRun(run.id, for: other, silence: wait) == nil)
                #expect(try await database.store.claimNextRun(for: other) == nil)
                try await age(owner, 90, in: database)
                // A sign of life of any session of that host counts.
                let neighbour = try await database.session().id
                #expect(try await database.store.takeOverRun(run.id, for: other, silence: wait) == nil)
                #expect(try await database.store.silentRuns(host: "there", silence: wait).isEmpty)
                try await age(neighbour, 90, in: database)
                #expect(try await database.store.silentRuns(host: "here", silence: wait).isEmpty)
                #expect(try await database.store.silentRuns(host: "there", silence: wait).map(\.id) == [run.id])
                let taken = try #require(try await database.store.takeOverRun(run.id, for: other, silence: wait))
                #expect(taken.id == run.id && taken.fence == run.fence + 1 && taken.ownerSessionID == other)
                await #expect(throws: StoreError.fenced(run.id)) {
                    try await database.store.finishRun(run.id, fence: run.fence, status: .completed)
                }
            }
        }

        @Test(
            "A host that has to end a run is silent when none of its sessions is alive, and never on that host itself")
        func silentHost() async throws {
            try await Database.with { database in
                let (run, owner) = try await running(database)
                let store = database.store
                #expect(try await store.silentHost(of: run.id, elsewhereThan: "there") == nil)
                try await age(owner, 90, in: database)
                #expect(try await store.silentHost(of: run.id, elsewhereThan: "here") == nil)
                let silent = try #require(try await store.silentHost(of: run.id, elsewhereThan: "there"))
                #expect(silent.host == "here" && (89...150).contains(silent.seconds))
                // Another worker of that host will see to it.
                _ = try await database.session()
                #expect(try await store.silentHost(of: run.id, elsewhereThan: "there") == nil)
            }
        }

        @Test("By hand a run is taken as soon as nobody works on it, never from its own host or a living owner")
        func byHand() async throws {
            try await Database.with { database in
                let (run, owner) = try await running(database)
                let other = try await database.session(host: "there").id
                #expect(try await database.store.takeOverRun(run.id, for: other, silence: nil) == nil)
                try await age(owner, 1, in: database)
                let here = try await database.session().id
                #expect(try await database.store.takeOverRun(run.id, for: here, silence: nil) == nil)
                #expect(try await database.store.takeOverRun(run.id, for: other, silence: nil)?.id == run.id)
            }
        }

        @Test("Of many hosts that take over at once one gets the run")
        func oneWinner() async throws {
            try await Database.with { database in
                let (run, owner) = try await running(database)
                try await age(owner, 90, in: database)
                let sessions = try await database.concurrently(6) { store, index in
                    try await store.openSession(
                        SessionRecord(
                            kind: "worker", host: "there\(index)", bootID: "b", processID: 1, processStart: 1,
                            user: "me", version: "1"), lease: .seconds(60)
                    ).id
                }
                let taken = try await database.concurrently(6) { store, index in
                    try await store.takeOverRun(run.id, for: sessions[index], silence: .seconds(60))
                }
                #expect(taken.compactMap { $0 }.count == 1)
            }
        }

        @Test("Only a run with its worktree on another host is elsewhere")
        func elsewhere() async throws {
            try await Database.with { database in
                let (_, owner) = try await running(database)
                #expect(try await database.store.hasRunsElsewhere(than: "there"))
                #expect(try await !database.store.hasRunsElsewhere(than: "here"))
                #expect(try await database.store.isAlive(owner))
                try await age(owner, 1, in: database)
                #expect(try await !database.store.isAlive(owner))
            }
        }
    }
}
