import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct ClaimTests {
        @Test("Of many who claim one run at once, one gets it")
        func oneWinner() async throws {
            try await Database.with { database in
                let run = try await database.task().run
                let session = try await database.session().id
                let claims = try await database.concurrently(10) { store, _ in
                    try await store.claimRun(run.id, for: session)
                }
                let winner = try #require(claims.compactMap { $0 }.first)
                #expect(claims.compactMap { $0 }.count == 1)
                #expect(winner.status == .running && winner.fence == 1 && winner.ownerSessionID == session)
                #expect(try await database.store.task(matching: winner.taskID.description).status == .running)
                #expect(try await database.store.run(run.id).fence == 1)
                // The same change without the comparison of fences is made by everyone.
                let naive = try await database.concurrently(10) { store, _ in
                    try await store.client.execute("update runner.runs set fence = fence + 1 where id = \(run.id)")
                }
                #expect(naive.reduce(0, +) == 10)
            }
        }

        @Test("Many workers empty the queue without a run given twice")
        func emptyQueue() async throws {
            try await Database.with { database in
                for _ in 0..<12 { _ = try await database.task() }
                let session = try await database.session().id
                let claimed = try await database.concurrently(6) { store, _ in
                    var runs: [RunID] = []
                    while let run = try await store.claimNextRun(for: session) { runs.append(run.id) }
                    return runs
                }
                #expect(Set(claimed.flatMap { $0 }).count == claimed.flatMap { $0 }.count)
                // A worker may see an empty queue while another's claim is under way; nothing is lost by that.
                var rest = 0
                while try await database.store.claimNextRun(for: session) != nil { rest += 1 }
                #expect(claimed.flatMap { $0 }.count + rest == 12)
            }
        }

        @Test("As many runs are claimed as there is room for, the oldest first, and a session that has ended gets none")
        func room() async throws {
            try await Database.with { database in
                var runs: [RunID] = []
                for _ in 0..<5 { runs.append(try await database.task().run.id) }
                let session = try await database.session().id
                let some = try await database.store.claimNextRuns(for: session, room: 3)
                #expect(Set(some.map(\.id)) == Set(runs.prefix(3)))
                #expect(some.allSatisfy { $0.status == .running && $0.fence == 1 && $0.ownerSessionID == session })
                let kinds = try await database.store.events(of: some[0].taskID).map(\.kind)
                #expect(kinds == ["task.created", "run.started"])
                #expect(try await database.store.claimNextRuns(for: SessionID(), room: 3).isEmpty)
                #expect(try await database.store.claimNextRuns(for: session, room: 0).isEmpty)
                #expect(try await database.store.claimNextRuns(for: session, room: 9).map(\.id).count == 2)
            }
        }

        @Test("A run of a living session is not taken, a run of a dead one is, and the old fence is void")
        func takeover() async throws {
            try await Database.with { database in
                let created = try await database.task()
                let first = try await database.session()
                let second = try await database.session().id
                let run = try #require(try await database.store.claimRun(created.run.id, for: first.id))
                #expect(try await database.store.claimRun(run.id, for: second) == nil)
                #expect(try await database.store.claimNextRun(for: second) == nil)
                #expect(try await database.store.heartbeat(first.id, lease: .seconds(-1)))
                let begin = BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id)
                let attempt = try await database.store.beginAttempt(begin)
                let taken = try #require(try await database.store.claimNextRun(for: second))
                #expect(taken.fence == 2 && taken.ownerSessionID == second)
                await #expect(throws: StoreError.fenced(run.id)) { try await database.store.beginAttempt(begin) }
                let ended = try await database.store.interruptAttempts(run.id, fence: 2, reason: "gone")
                #expect(ended == [attempt.id])
                let again = try await database.store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: 2, stepID: created.steps[0].id))
                #expect(again.number == 2)
            }
        }

        @Test("A session whose lease ran out while the database was away does not take its own runs, others do")
        func ownRuns() async throws {
            try await Database.with { database in
                let created = try await database.task()
                let session = try await database.session()
                let other = try await database.session().id
                let run = try #require(try await database.store.claimRun(created.run.id, for: session.id))
                #expect(try await database.store.heartbeat(session.id, lease: .seconds(-1)))
                #expect(try await database.store.claimNextRun(for: session.id) == nil)
                #expect(try await database.store.claimRun(run.id, for: session.id) == nil)
                #expect(try await database.store.run(run.id).fence == run.fence)
                #expect(try await database.store.claimNextRun(for: other)?.fence == run.fence + 1)
            }
        }

        @Test("Takeovers are counted since an attempt ended by itself, and a run beyond the limit is still handed out")
        func takeoverLimit() async throws {
            try await Database.with { database in
                let created = try await database.task()
                var claimed: RunRecord?
                for _ in 0...Store.maximumTakeovers + 1 {
                    let session = try await database.session(lease: .seconds(-1)).id
                    claimed = try await database.store.claimRun(created.run.id, for: session)
                }
                // Its owner gives it up; nobody would end it otherwise.
                let run = try #require(claimed)
                #expect(run.takeovers == Store.maximumTakeovers + 1)
                func end(_ status: AttemptStatus, _ step: Int) async throws -> Int {
                    var attempt = try await database.store.beginAttempt(
                        BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[step].id))
                    attempt.status = status
                    try await database.store.finishAttempt(
                        FinishAttempt(
                            runID: run.id, fence: run.fence, attempt: attempt,
                            stepChanges: [(created.steps[step].id, status == .interrupted ? .pending : .succeeded)]))
                    return try await database.store.run(run.id).takeovers
                }
                #expect(try await end(.interrupted, 0) == run.takeovers)
                #expect(try await end(.succeeded, 0) == 0)
            }
        }

        @Test("A run whose worker died while giving it up ends with the next claim, by id and in the queue")
        func lostTakeover() async throws {
            try await Database.with { database in
                for isByID in [true, false] {
                    let created = try await database.task()
                    func claim() async throws -> RunRecord? {
                        let session = try await database.session(lease: .seconds(-1)).id
                        guard !isByID else { return try await database.store.claimRun(created.run.id, for: session) }
                        return try await database.store.claimNextRun(for: session)
                    }
                    let first = try #require(try await claim())
                    let attempt = try await database.store.beginAttempt(
                        BeginAttempt(runID: first.id, fence: first.fence, stepID: created.steps[0].id))
                    for count in 1...Store.maximumTakeovers + 1 {
                        #expect(try await claim()?.takeovers == count)
                    }
                    #expect(try await claim()?.status == .failed)
                    let run = try await database.store.run(created.run.id)
                    #expect(run.status == .failed && run.ownerSessionID == nil)
                    #expect(run.error?.hasPrefix("its worker died 7 times without an attempt that finished") == true)
                    #expect(try await database.store.taskDetail(run.taskID).task.status == .failed)
                    let left = try await database.store.attempts(of: run.id)
                    #expect(left.map(\.id) == [attempt.id] && left.map(\.status) == [.interrupted])
                    #expect(try await claim() == nil)
                }
            }
        }

        @Test("A session that has ended claims nothing, renews nothing and is never revived")
        func endedSession() async throws {
            try await Database.with { database in
                let run = try await database.task().run
                let session = try await database.session()
                #expect(session.leaseUntil != nil && session.isActive)
                #expect(try await database.store.heartbeat(session.id, lease: .seconds(5)))
                try await database.store.closeSession(session.id)
                try await database.store.closeSession(session.id)
                #expect(try await !database.store.heartbeat(session.id, lease: .seconds(5)))
                #expect(try await database.store.claimRun(run.id, for: session.id) == nil)
                #expect(try await database.store.claimNextRun(for: session.id) == nil)
                #expect(try await database.store.sessions(activeOnly: true).isEmpty)
                #expect(try await database.store.sessions(activeOnly: false).map(\.id) == [session.id])
                await #expect(throws: PostgresError.self) {
                    try await database.client.execute("update runner.sessions set active = true")
                }
            }
        }

        @Test("Abandoned are the runs of dead sessions and those of this host, for their processes to be checked")
        func abandoned() async throws {
            try await Database.with { database in
                var runs: [RunID] = []
                for (host, lease) in [("here", 60), ("there", 60), ("there", -1)] {
                    let run = try await database.task().run
                    let session = try await database.session(host: host, lease: .seconds(lease))
                    runs.append(try #require(try await database.store.claimRun(run.id, for: session.id)).id)
                }
                let here = try await database.store.abandonedRuns(host: "here")
                #expect(here.map(\.0.id) == [runs[0], runs[2]])
                #expect(here.map { $0.1?.host } == ["here", "there"])
                #expect(try await database.store.abandonedRuns(host: "nowhere").map(\.0.id) == [runs[2]])
            }
        }

        @Test("A queued run whose worktree is elsewhere waits for that host")
        func otherHost() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                _ = try await database.environment(run)
                try await database.store.finishRun(run.id, fence: run.fence, status: .failed)
                _ = try await database.store.reopenRun(run.id, resetting: [])
                let there = try await database.session(host: "there").id
                let here = try await database.session(host: "here").id
                #expect(try await database.store.claimNextRun(for: there) == nil)
                #expect(try await database.store.claimNextRun(for: here)?.id == run.id)
            }
        }
    }
}
