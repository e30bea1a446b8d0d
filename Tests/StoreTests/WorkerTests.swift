import Foundation
import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct WorkerTests {
        @Test("A run with an owner is running from the statement that makes it, and one of a dead owner is queued")
        func ownedFromTheStart() async throws {
            try await Database.with { database in
                let sample = try await database.task()
                let session = try await database.session()
                var new = NewTask(
                    repositoryID: sample.task.repositoryID, title: "t", prompt: "p",
                    workflowVersionID: try await database.workflow(),
                    steps: [NewStep(key: "a", kind: "run")], owner: session.id)
                let owned = try await database.store.createTask(new)
                #expect(owned.run.status == .running && owned.run.fence == 1 && owned.task.status == .running)
                #expect(owned.run.ownerSessionID == session.id)
                #expect(try await database.store.createdTask(owned.run.id)?.task.id == owned.task.id)
                try await database.store.closeSession(session.id)
                new.runID = RunID()
                let queued = try await database.store.createTask(new)
                #expect(queued.run.status == .queued && queued.run.ownerSessionID == nil)
            }
        }

        @Test("A waiting run has no owner, is queued when due, and is left to the session that waits for it")
        func waiting() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let owner = try #require(run.ownerSessionID)
                func park(_ fence: Int, _ delay: Duration, held: Bool) async throws {
                    try await database.store.parkRun(run.id, fence: fence, RunWait(delay: delay, isHeld: held))
                }
                await #expect(throws: StoreError.fenced(run.id)) { try await park(run.fence - 1, .zero, held: false) }
                try await park(run.fence, .seconds(60), held: false)
                #expect(try await database.store.requeueDueRuns() == 0)
                #expect(try await database.store.run(run.id).status == .waiting)
                #expect(try await database.store.task(matching: created.task.id.description).status == .waiting)
                try await database.client.execute("update runner.runs set due_at = now() where id = \(run.id)")
                #expect(try await database.store.requeueDueRuns() == 1)
                let again = try #require(try await database.store.claimRun(run.id, for: owner))
                #expect(again.fence == run.fence + 1 && again.dueAt == nil)
                try await park(again.fence, .zero, held: true)
                #expect(try await database.store.requeueDueRuns() == 0)
                let other = try await database.session().id
                #expect(try await database.store.claimRun(run.id, for: other) == nil)
                #expect(try await database.store.claimRun(run.id, for: owner)?.fence == run.fence + 2)
                try await park(run.fence + 2, .zero, held: true)
                // The control: once it is gone, the run is everybody's.
                try await database.store.closeSession(owner)
                #expect(try await database.store.requeueDueRuns() == 1)
            }
        }

        @Test("A heartbeat tells which runs are still owned, and a released run is anybody's")
        func heartbeat() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let owner = try #require(run.ownerSessionID)
                let owned = try await database.store.beat(owner, lease: .seconds(30))
                #expect(owned == [OwnedRun(id: run.id, fence: run.fence, isCancelRequested: false)])
                #expect(try await database.store.ownsRun(run.id, fence: run.fence))
                #expect(try await !database.store.ownsRun(run.id, fence: run.fence - 1))
                #expect(try await database.store.requestCancel(of: run.id))
                #expect(try await database.store.beat(owner, lease: .seconds(30))?.first?.isCancelRequested == true)
                try await database.store.releaseRun(run.id, fence: run.fence)
                await #expect(throws: StoreError.fenced(run.id)) {
                    try await database.store.releaseRun(run.id, fence: run.fence)
                }
                #expect(try await database.store.beat(owner, lease: .seconds(30)) == [])
                let other = try await database.session().id
                #expect(try await database.store.claimNextRun(for: other)?.fence == run.fence + 1)
                #expect(try await !database.store.ownsRun(run.id, fence: run.fence))
                try await database.store.closeSession(owner)
                #expect(try await database.store.beat(owner, lease: .seconds(30)) == nil)
            }
        }

        @Test("Only the owner adopts an attempt")
        func adoption() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let attempt = try await database.store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                await #expect(throws: StoreError.fenced(run.id)) {
                    try await database.store.adoptAttempt(attempt.id, run: run.id, fence: run.fence - 1)
                }
                try await database.store.adoptAttempt(attempt.id, run: run.id, fence: run.fence)
                #expect(try await database.store.events(of: run.taskID).last?.kind == "step.adopted")
            }
        }

        @Test("A session that holds its lock is not buried; one that lost it is, and its runs can be claimed at once")
        func lock() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let owner = try #require(run.ownerSessionID)
                let connected = PostgresClient(database.target, applicationName: "lock")
                try await connected.withConnection { connection in
                    try Store.lockSession(owner, on: connection)
                }
                #expect(try await database.store.buryDead([owner]) == 0)
                let other = try await database.session().id
                #expect(try await database.store.claimNextRun(for: other) == nil)
                await connected.close()
                var buried = 0
                let end = ContinuousClock.now + .seconds(60)
                while buried == 0, ContinuousClock.now < end { buried = try await database.store.buryDead([owner]) }
                #expect(buried == 1)
                #expect(try await database.store.claimNextRun(for: other)?.id == run.id)
            }
        }

        @Test("A cancelled run that nobody owned leaves no attempt open")
        func cancelReleased() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                _ = try await database.store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                try await database.store.releaseRun(run.id, fence: run.fence)
                #expect(try await database.store.requestCancel(of: run.id))
                #expect(try await database.store.attempts(of: run.id).map(\.status) == [.cancelled])
                #expect(try await database.store.closeOpenAttemptsOfEndedRuns() == 0)
            }
        }

        @Test("A run of a local repository waits for its host")
        func host() async throws {
            try await Database.with { database in
                let run = try await database.task().run
                try await database.client.execute("update runner.runs set host = 'there' where id = \(run.id)")
                let here = try await database.session(host: "here").id
                let there = try await database.session(host: "there").id
                #expect(try await !database.store.pollWork(for: here).hasClaimable)
                #expect(try await database.store.claimNextRun(for: here) == nil)
                #expect(try await database.store.pollWork(for: there).hasClaimable)
                #expect(try await database.store.claimNextRun(for: there)?.id == run.id)
            }
        }

        @Test("An idle worker learns that nothing is at work, and until when nothing is due")
        func quiet() async throws {
            try await Database.with { database in
                let store = database.store
                func open(_ client: String, host: String = "here") async throws -> SessionID {
                    try await store.openSession(
                        SessionRecord(
                            kind: "worker", client: client, host: host, bootID: "boot", processID: 1, processStart: 1,
                            user: "me", version: "1"), lease: .seconds(60)
                    ).id
                }
                let here = try await open("serve")
                func isQuiet() async throws -> Bool { try await store.pollWork(for: here).isQuiet }
                _ = try await open("serve")
                _ = try await open("start", host: "there")
                #expect(try await isQuiet())
                #expect(try await store.pollWork(for: here).dueIn == nil)
                // A command that is about to make a run of its own, which no notification tells.
                let command = try await open("start")
                #expect(try await !isQuiet())
                try await store.closeSession(command)
                #expect(try await isQuiet())
                let created = try await database.task()
                #expect(try await !isQuiet())
                let run = try #require(try await store.claimRun(created.run.id, for: here))
                #expect(try await !isQuiet())
                try await store.parkRun(run.id, fence: run.fence, RunWait(delay: .seconds(60), isHeld: false))
                let report = try await store.pollWork(for: here)
                #expect(report.isQuiet && !report.hasDue)
                #expect(try #require(report.dueIn) > .seconds(50) && #require(report.dueIn) <= .seconds(60))
                try await database.client.execute("update runner.runs set due_at = now() where id = \(run.id)")
                #expect(try await store.pollWork(for: here).hasDue)
            }
        }
    }
}
