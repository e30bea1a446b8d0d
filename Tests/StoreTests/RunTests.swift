import Foundation
import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct RunTests {
        @Test(
            "A finished run leaves no step open and its task has the same end",
            arguments: [RunStatus.completed, .failed, .cancelled])
        func finish(status: RunStatus) async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                try await database.store.finishRun(run.id, fence: run.fence, status: status, error: "e")
                let task = try await database.store.task(matching: created.task.id.description)
                #expect(task.status == status && task.completedAt != nil && task.error == "e")
                #expect(try await database.store.steps(of: run.id).map(\.status) == [.cancelled, .cancelled])
                await #expect(throws: StoreError.fenced(run.id)) {
                    try await database.store.finishRun(run.id, fence: run.fence, status: status)
                }
            }
        }

        @Test("A run that nobody owns is cancelled on the spot, an owned one is asked")
        func cancel() async throws {
            try await Database.with { database in
                let store = database.store
                let queued = try await database.task()
                #expect(try await store.requestCancel(of: queued.run.id))
                #expect(try await store.run(queued.run.id).status == .cancelled)
                #expect(try await store.task(matching: queued.task.id.description).status == .cancelled)
                #expect(try await store.steps(of: queued.run.id).allSatisfy { $0.status == .cancelled })
                #expect(try await !store.requestCancel(of: queued.run.id))

                let (_, run) = try await database.claimed()
                #expect(try await !store.cancelRequested(run.id))
                #expect(try await store.requestCancel(of: run.id))
                #expect(try await store.requestCancel(of: run.id))
                #expect(try await store.cancelRequested(run.id))
                #expect(try await store.run(run.id).status == .running)
                try await store.finishRun(run.id, fence: run.fence, status: .cancelled)
                #expect(try await !store.requestCancel(of: RunID()))
            }
        }

        @Test("A claim and a cancel at the same moment end in one of the two orders")
        func cancelAgainstClaim() async throws {
            try await Database.with { database in
                let session = try await database.session().id
                for _ in 0..<10 {
                    let run = try await database.task().run
                    let claims = try await database.concurrently(2) { store, index in
                        if index == 0 { return try await store.claimRun(run.id, for: session) != nil }
                        _ = try await store.requestCancel(of: run.id)
                        return false
                    }
                    let after = try await database.store.run(run.id)
                    #expect(after.status == (claims.contains(true) ? .running : .cancelled))
                    #expect(after.cancelRequestedAt != nil)
                }
            }
        }

        @Test("An ended run is queued again with the chosen steps reset, and only an ended one")
        func reopen() async throws {
            try await Database.with { database in
                let store = database.store
                let (created, run) = try await database.claimed()
                _ = try await database.environment(run)
                await #expect(throws: StoreError.runNotEnded(run.id)) {
                    try await store.reopenRun(run.id, resetting: [])
                }
                var attempt = try await store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                attempt.status = .succeeded
                _ = try await store.requestCancel(of: run.id)
                try await store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt,
                        stepChanges: [(created.steps[0].id, .succeeded)], finish: RunFinish(status: .failed, error: "e")
                    ))
                let again = try await store.reopenRun(
                    run.id, resetting: [created.steps[1].id], context: .object(["again": .bool(true)]))
                #expect(again.status == .queued && again.finishedAt == nil && again.error == nil)
                #expect(again.cancelRequestedAt == nil && again.context == .object(["again": .bool(true)]))
                #expect(try await store.steps(of: run.id).map(\.status) == [.succeeded, .pending])
                #expect(try await store.attempts(of: run.id).count == 1)
                let environment = try #require(try await store.environment(of: run.taskID))
                #expect(environment.cleanupAfter == nil && environment.status == .running)
                #expect(try await store.task(matching: run.taskID.description).status == .queued)
                let claimed = try await store.claimRun(run.id, for: try await database.session().id)
                #expect(claimed?.fence == run.fence + 1)
                await #expect(throws: StoreError.notFound(kind: "run", text: RunID(run.taskID.uuid).description)) {
                    try await store.reopenRun(RunID(run.taskID.uuid), resetting: [])
                }
            }
        }

        @Test("A run of a dead owner is interrupted once, with its attempt, steps and task")
        func interrupt() async throws {
            try await Database.with { database in
                let store = database.store
                let (created, run) = try await database.claimed()
                _ = try await database.environment(run)
                _ = try await store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                #expect(
                    try await store.interruptRun(
                        run.id, expectedFence: run.fence, reason: "gone", cleanupAfter: .seconds(60)))
                #expect(
                    try await !store.interruptRun(
                        run.id, expectedFence: run.fence, reason: "gone", cleanupAfter: .seconds(60)))
                #expect(try await store.attempts(of: run.id).map(\.status) == [.interrupted])
                #expect(try await store.steps(of: run.id).map(\.status) == [.failed, .cancelled])
                #expect(try await store.run(run.id).error == "gone")
                #expect(try await store.task(matching: run.taskID.description).status == .failed)
                #expect(try await store.environment(of: run.taskID)?.status == .idle)
            }
        }

        @Test("Why a run ends is said in the attempt that it interrupts, by the holder of the fence alone")
        func reason() async throws {
            try await Database.with { database in
                let store = database.store
                for (fence, reason) in [(0, "full"), (1, "the run ended")] {
                    let (created, run) = try await database.claimed()
                    _ = try await store.beginAttempt(
                        BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                    try await store.noteReason("full", inOpenAttemptsOf: run.id, fence: run.fence + fence)
                    try await store.finishRun(run.id, fence: run.fence, status: .failed, error: "full")
                    #expect(try await store.attempts(of: run.id).map(\.error) == [reason])
                    // One that has ended keeps what it says.
                    try await store.noteReason("later", inOpenAttemptsOf: run.id, fence: run.fence)
                    #expect(try await store.attempts(of: run.id).map(\.error) == [reason])
                }
            }
        }

        @Test("Events of one task, written by many at once, are read one after the other without a gap")
        func events() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                _ = try await database.concurrently(8) { store, index in
                    for number in 0..<10 {
                        try await store.recordEvent(
                            task: run.taskID, kind: "test.event", detail: .integer(index * 10 + number))
                    }
                }
                var seen: [EventRecord] = []
                while let page = try? await database.store.events(
                    of: run.taskID, after: seen.last?.id ?? 0, limit: 7), !page.isEmpty
                {
                    #expect(page.count <= 7)
                    seen += page
                }
                #expect(Set(seen.compactMap(\.detail.intValue)).count == 80)
                #expect(seen.map(\.id) == seen.map(\.id).sorted())
                await #expect(throws: StoreError.self) {
                    try await database.store.recordEvent(task: TaskID(), kind: "a.b")
                }
            }
        }

        @Test(
            "An event waits for the run that goes on, also when that is not the newest of its task, and for no other's")
        func eventOfOlderRun() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                try await database.store.finishRun(run.id, fence: run.fence, status: .failed)
                let second = try await database.store.addRun(
                    NewRun(
                        taskID: run.taskID, workflowVersionID: try await database.workflow(), context: .object([:]),
                        steps: [NewStep(key: "one", kind: "run", stage: nil)]))
                _ = try await database.store.requestCancel(of: second.id)
                _ = try await database.store.reopenRun(run.id, resetting: [])
                let (_, other) = try await database.claimed()
                for (held, waits) in [(run.id, true), (second.id, true), (other.id, false)] {
                    let isKept = try await database.isKeptWaiting(by: held) { store in
                        try await store.recordEvent(task: run.taskID, kind: "test.event")
                    }
                    #expect(isKept == waits)
                }
                #expect(try await database.store.events(of: run.taskID).count { $0.kind == "test.event" } == 1)
            }
        }

        @Test("A task counts as taken back only after the moment that is asked about")
        func rewound() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let before = Date(timeIntervalSinceNow: -60)
                #expect(try await !database.store.wasRewound(run.taskID, after: before))
                try await database.store.recordEvent(task: run.taskID, kind: "task.rewound")
                #expect(try await database.store.wasRewound(run.taskID, after: before))
                #expect(try await !database.store.wasRewound(run.taskID, after: Date(timeIntervalSinceNow: 60)))
            }
        }

        @Test("A reader that follows while many write misses no event")
        func follow() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let results = try await database.concurrently(5) { store, index -> Int in
                    guard index == 0 else {
                        for _ in 0..<25 { try await store.recordEvent(task: run.taskID, kind: "test.event") }
                        return 0
                    }
                    var (last, count) = (0, 0)
                    let deadline = ContinuousClock.now + .seconds(30)
                    while count < 102, .now < deadline {
                        let page = try await store.events(of: run.taskID, after: last)
                        last = page.last?.id ?? last
                        count += page.count
                    }
                    return count
                }
                // 4 writers of 25, task.created and run.started.
                #expect(results.reduce(0, +) == 102)
            }
        }
    }
}
