import Foundation
import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct EnvironmentTests {
        @Test("An environment comes back as it went in and belongs to its run")
        func roundTrip() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let environment = try await database.environment(run)
                #expect(environment.status == .initializing && environment.cleanupAfter == nil && !environment.kept)
                #expect(try await database.store.run(run.id).environmentID == environment.id)
                #expect(try await database.store.environment(of: run.taskID) == environment)
                try await database.store.setHead(environment.id, commit: String(repeating: "c", count: 40))
                try await database.store.setSnapshot(environment.id, ref: "refs/runner/1/snap/1")
                try await database.store.touchEnvironment(environment.id)
                let changed = try #require(try await database.store.environment(of: run.taskID))
                #expect(changed.headCommit == String(repeating: "c", count: 40))
                #expect(changed.snapshotRef == "refs/runner/1/snap/1")
                #expect(changed.lastAccessed >= environment.lastAccessed)
            }
        }

        @Test("A replaced owner makes no environment; a worktree and a branch have one environment while they last")
        func guarded() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                var stale = run
                stale.fence -= 1
                let replaced = stale
                await #expect(throws: StoreError.fenced(run.id)) { try await database.environment(replaced) }
                let first = try await database.environment(run)
                let (_, other) = try await database.claimed()
                for (path, branch) in [("/w/1", "runner/2"), ("/w/2", "runner/1")] {
                    let error = await #expect(throws: PostgresError.self) {
                        try await database.environment(other, path: path, branch: branch)
                    }
                    #expect(error?.code == .uniqueViolation)
                }
                #expect(
                    try await database.store.setEnvironmentStatus(first.id, from: [.initializing], to: .terminated))
                #expect(try await database.environment(other).taskID == other.taskID)
            }
        }

        @Test("A state is changed only from the states that were meant")
        func compareAndSwap() async throws {
            try await Database.with { database in
                let (_, run) = try await database.claimed()
                let id = try await database.environment(run).id
                let store = database.store
                #expect(try await store.setEnvironmentStatus(id, from: [.initializing], to: .running))
                #expect(try await !store.setEnvironmentStatus(id, from: [.initializing], to: .testing))
                #expect(try await store.setEnvironmentStatus(id, from: [.running, .testing], to: .idle))
                let wins = try await database.concurrently(8) { store, _ in
                    try await store.setEnvironmentStatus(id, from: [.idle], to: .cleaning)
                }
                #expect(wins.filter { $0 }.count == 1)
            }
        }

        @Test("A deadline comes with the end of the run, moves, ends with keeping and with the next run")
        func deadlines() async throws {
            try await Database.with { database in
                let store = database.store
                let (_, run) = try await database.claimed()
                let id = try await database.environment(run).id
                // A wish during the run counts from its end.
                #expect(try await store.setDeadline(id, after: .seconds(7200))?.cleanupAfter == nil)
                try await store.finishRun(run.id, fence: run.fence, status: .completed, cleanupAfter: .seconds(60))
                let seconds = try await store.environment(of: run.taskID)?.cleanupAfter?.timeIntervalSinceNow
                #expect(abs(try #require(seconds) - 7200) < 60)
                #expect(try await store.environments(EnvironmentFilter(dueOnly: true)).isEmpty)

                try await store.setDeadline(id, after: .seconds(-1 + 1))
                let due = try await store.environments(
                    EnvironmentFilter(host: "here", dueOnly: true, statuses: [.idle]))
                #expect(due.map(\.0.id) == [id])
                #expect(due.map(\.taskNumber) == [try await store.task(matching: run.taskID.description).number])
                #expect(try await store.environments(EnvironmentFilter(host: "there")).isEmpty)

                let kept = try await store.setDeadline(id, after: nil, keepForever: true)
                #expect(kept?.kept == true && kept?.cleanupAfter == nil)
                #expect(try await store.environments(EnvironmentFilter(dueOnly: true)).isEmpty)
                let again = try await store.reopenRun(run.id, resetting: [])
                let claimed = try #require(
                    try await store.claimRun(again.id, for: try await database.session().id))
                try await store.finishRun(run.id, fence: claimed.fence, status: .completed)
                #expect(try await store.environment(of: run.taskID)?.cleanupAfter == nil)

                #expect(try await store.setDeadline(id, after: .seconds(60))?.kept == false)
                #expect(try await store.setEnvironmentStatus(id, from: [.idle], to: .terminated))
                #expect(try await store.environment(of: run.taskID)?.cleanupAfter == nil)
                #expect(try await store.setDeadline(id, after: .seconds(60)) == nil)
            }
        }
    }
}
