import Foundation
import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct RemovalTests {
        /// An idle environment that is due.
        private func due(_ database: Database) async throws -> EnvironmentRecord {
            let (_, run) = try await database.claimed()
            _ = try await database.environment(run)
            try await database.store.finishRun(run.id, fence: run.fence, status: .completed, cleanupAfter: .zero)
            return try #require(try await database.store.environment(of: run.taskID))
        }

        private func now(_ environment: EnvironmentRecord, _ database: Database) async throws -> EnvironmentRecord {
            try #require(try await database.store.environment(of: environment.taskID))
        }

        @Test("A removal goes through its states, each only from the one before, and only one of many begins it")
        func states() async throws {
            try await Database.with { database in
                let (store, environment) = (database.store, try await due(database))
                #expect(try await !store.advanceRemoval(environment.id, from: [.expiring], to: .quiet))
                let wins = try await database.concurrently(8) { store, _ in
                    try await store.beginRemoval(environment.id, reason: "quota")
                }
                #expect(wins.filter { $0 }.count == 1)
                #expect(try await store.advanceRemoval(environment.id, from: [.expiring], to: .quiet))
                #expect(try await store.advanceRemoval(environment.id, from: [.quiet], to: .saved))
                // The control: nothing is in the trash before its place is planned.
                #expect(try await !store.advanceRemoval(environment.id, from: [.verified], to: .trashed))
                #expect(try await store.planTrash(environment.id, path: "/t/1", undo: .seconds(60)))
                let planned = try await now(environment, database)
                #expect(planned.removal == .verified && planned.status == .cleaning && planned.trashPath == "/t/1")
                #expect(planned.removalReason == "quota")
                #expect(try await store.advanceRemoval(environment.id, from: [.verified], to: .trashed))
                let trashed = try await now(environment, database)
                #expect(trashed.status == .terminated && trashed.cleanupAfter == nil && trashed.trashUntil != nil)
                #expect(try await store.advanceRemoval(environment.id, from: [.trashed], to: .removed))
                #expect(try await store.setEnvironmentStatus(environment.id, from: [.terminated], to: .idle))
                let back = try await now(environment, database)
                #expect(back.removal == .active && back.trashPath == nil && back.cleanupAfter != nil)
            }
        }

        enum Wish: CaseIterable {
            case lock, keepForever, keepLonger

            /// False when it comes too late.
            func make(_ store: Store, _ id: EnvironmentID) async throws -> Bool {
                switch self {
                case .lock: try await store.setLock(id, locked: true, reason: "mine")?.lockReason == "mine"
                case .keepForever: try await store.setDeadline(id, after: nil, keepForever: true)?.kept == true
                case .keepLonger: try await store.setDeadline(id, after: .seconds(3600))?.cleanupAfter != nil
                }
            }
        }

        @Test("A lock and a wish to keep stop a removal until its directory is moved", arguments: Wish.allCases)
        func wishes(wish: Wish) async throws {
            try await Database.with { database in
                let (store, environment) = (database.store, try await due(database))
                #expect(try await store.beginRemoval(environment.id, reason: nil))
                #expect(try await wish.make(store, environment.id))
                #expect(try await !store.advanceRemoval(environment.id, from: [.expiring], to: .quiet))
                #expect(try await !store.planTrash(environment.id, path: "/t", undo: .zero))
                #expect(try await store.abandonRemoval(environment.id) == (wish == .lock))
                #expect(try await now(environment, database).status == .idle)
                #expect(try await store.environments(EnvironmentFilter(dueOnly: true)).isEmpty == (wish != .lock))
                #expect(try await store.beginRemoval(environment.id, reason: nil) == (wish == .keepLonger))
                _ = try await store.setLock(environment.id, locked: false, reason: nil)
                try await store.setDeadline(environment.id, after: .zero)
                #expect(try await store.beginRemoval(environment.id, reason: nil))
            }
        }

        @Test(
            "Once the directory is about to be moved, a lock and a wish to keep are refused", arguments: Wish.allCases)
        func lateWishes(wish: Wish) async throws {
            try await Database.with { database in
                let (store, environment) = (database.store, try await due(database))
                #expect(try await store.beginRemoval(environment.id, reason: nil))
                for (from, to) in [(RemovalState.expiring, RemovalState.quiet), (.quiet, .saved)] {
                    #expect(try await store.advanceRemoval(environment.id, from: [from], to: to))
                }
                #expect(try await store.planTrash(environment.id, path: "/t", undo: .zero))
                #expect(try await !wish.make(store, environment.id))
                #expect(try await store.advanceRemoval(environment.id, from: [.verified], to: .trashed))
                let trashed = try await now(environment, database)
                #expect(!trashed.kept && trashed.lockReason == nil && trashed.status == .terminated)
            }
        }

        @Test("A postponement holds a due environment back, and ends with a new deadline")
        func postponed() async throws {
            try await Database.with { database in
                let (store, environment) = (database.store, try await due(database))
                let filter = EnvironmentFilter(dueOnly: true)
                #expect(try await store.environments(filter).count == 1)
                try await store.postpone(environment.id, until: Date() + 3600, reason: "a shell is inside")
                #expect(try await store.environments(filter).isEmpty)
                #expect(try await now(environment, database).postponedReason == "a shell is inside")
                try await store.setDeadline(environment.id, after: .zero)
                #expect(try await store.environments(filter).count == 1)
                #expect(try await now(environment, database).postponedUntil == nil)
            }
        }

        @Test("A snapshot outlives its retention only while a removal needs it")
        func snapshots() async throws {
            try await Database.with { database in
                let (store, environment) = (database.store, try await due(database))
                let record = SnapshotRecord(
                    repositoryID: environment.repositoryID, taskID: environment.taskID, environmentID: environment.id,
                    host: "here", number: 1, ref: "refs/runner/1/snap/1", commit: nil, reason: .removal,
                    notSaved: ["cache (too large)"])
                try await store.addSnapshot(record, retention: .zero)
                try await store.setSnapshot(environment.id, ref: record.ref)
                #expect(try await store.snapshots(of: environment.taskID).map(\.notSaved) == [["cache (too large)"]])
                #expect(try await store.beginRemoval(environment.id, reason: nil))
                #expect(try await store.expiredSnapshots(host: "here").isEmpty)
                #expect(try await store.abandonRemoval(environment.id))
                let expired = try await store.expiredSnapshots(host: "here")
                #expect(expired.map(\.number) == [1])
                try await store.deleteSnapshot(expired[0])
                #expect(try await now(environment, database).snapshotRef == nil)
                // Written again under its reference it counts from then.
                try await store.addSnapshot(record, retention: .seconds(60))
                #expect(try await store.expiredSnapshots(host: "here").isEmpty)
            }
        }
    }
}
