import Foundation
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct RepositoryTests {
        @Test("A repository comes back as it went in")
        func roundTrip() async throws {
            try await Database.with { database in
                let settings = RepositorySettings(
                    workflow: "demo", agent: "claude", publish: .never, retentionDays: 2.5)
                let added = try await database.store.addRepository(
                    Repository(
                        name: "é'; drop table runner.tasks; --", url: "/srv/a b", identity: "path:/srv/a b", host: "",
                        owner: "", defaultBranch: "main", settings: settings))
                #expect(added.settings == settings)
                #expect(added.createdAt.timeIntervalSinceNow > -60)
                #expect(try await database.store.repository(added.id) == added)
                #expect(try await database.store.repositories() == [added])
                var changed = added
                changed.status = .unreachable
                #expect(try await database.store.noteVerification(of: changed))
                changed.settings = RepositorySettings()
                #expect(
                    try await database.store.changeRepository(added.id) { $0.settings = RepositorySettings() }
                        == changed)
                #expect(try await database.store.repository(added.id) == changed)
            }
        }

        @Test("What was read before a move writes no old place, and a fetch or a look there counts no more")
        func staleWrites() async throws {
            try await Database.with { database in
                let store = database.store
                var stale = try await database.repository("first")
                var moved = stale
                (moved.url, moved.identity, moved.host) = ("https://new.example/a", "new.example/a", "new.example")
                (moved.owner, moved.defaultBranch) = ("new", "trunk")
                // What a move does not mean, another process may have changed meanwhile.
                try await store.changeRepository(stale.id) { $0.name = "renamed" }
                let now = try await store.moveRepository(to: moved)
                #expect(now.name == "renamed" && now.url == moved.url && now.identity == moved.identity)
                (stale.defaultBranch, stale.fetchedAt, stale.status) = ("old", Date(), .unreachable)
                #expect(try await !store.noteFetch(of: stale))
                #expect(try await !store.noteVerification(of: stale))
                #expect(try await store.repository(stale.id) == now)
                // From where it is now they count, and change nothing else.
                var fetched = now
                (fetched.name, fetched.defaultBranch, fetched.status) = ("stale", "main", .unreachable)
                #expect(try await store.noteFetch(of: fetched))
                let after = try await store.repository(stale.id)
                #expect(after.name == "renamed" && after.defaultBranch == "main" && after.status == .active)
            }
        }

        @Test("Settings that are changed at once are all there afterwards")
        func settingsAtOnce() async throws {
            try await Database.with { database in
                let repository = try await database.repository("first")
                _ = try await database.concurrently(8) { store, number in
                    try await store.changeRepository(repository.id) {
                        $0.settings.allowedScripts = ($0.settings.allowedScripts ?? []) + ["\(number)"]
                        $0.url = "https://elsewhere.example/\(number)"
                    }
                }
                let changed = try await database.store.repository(repository.id)
                #expect(changed.settings.allowedScripts?.sorted() == (0..<8).map { "\($0)" })
                #expect(changed.url == repository.url)
            }
        }

        @Test("The same identity cannot be registered twice, also not at once")
        func duplicates() async throws {
            try await Database.with { database in
                _ = try await database.repository("first")
                var again = Repository(
                    name: "second", url: "u", identity: "example.com/me/first", host: "h", owner: "o")
                await #expect(throws: StoreError.duplicateRepository(name: "first")) {
                    try await database.store.addRepository(again)
                }
                again.identity = "other"
                let other = again
                let winners = try await database.concurrently(8) { store, _ in
                    var copy = other
                    copy.id = RepositoryID()
                    return (try? await store.addRepository(copy)) != nil
                }
                #expect(winners.filter { $0 }.count == 1)
            }
        }

        @Test("A repository is found by name, identity, URL and the beginning of its id, the exact one first")
        func matching() async throws {
            try await Database.with { database in
                let one = try await database.repository("one")
                let prefix = String(one.id.description.prefix(8))
                for text in ["one", "example.com/me/one", "https://example.com/me/one", prefix, one.id.description] {
                    #expect(try await database.store.repositories(matching: text) == [one], "\(text)")
                }
                for text in ["ONE", "on", "", "%", "one' or '1'='1", String(prefix.prefix(3)), "\0"] {
                    #expect(try await database.store.repositories(matching: text) == [], "\(text)")
                }
                // A name that looks like the beginning of another's id still means the name.
                var named = one
                named.id = RepositoryID()
                named.name = prefix
                named.identity = "x"
                named.url = "y"
                let byName = try await database.store.addRepository(named)
                #expect(try await database.store.repositories(matching: prefix) == [byName])
            }
        }

        @Test("A repository with open tasks or worktrees stays; an idle one goes with its history")
        func remove() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let id = created.task.repositoryID
                let environment = try await database.environment(run)
                await #expect(throws: StoreError.activeTasks([created.task.number])) {
                    try await database.store.removeRepository(id)
                }
                _ = try await database.store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                try await database.store.finishRun(run.id, fence: run.fence, status: .completed)
                await #expect(throws: StoreError.environmentsRemain([created.task.number])) {
                    try await database.store.removeRepository(id)
                }
                #expect(
                    try await database.store.setEnvironmentStatus(environment.id, from: [.idle], to: .terminated))
                try await database.store.removeRepository(id)
                for table in ["tasks", "runs", "steps", "step_attempts", "environments", "events"] {
                    #expect(try await database.count(table) == 0, "\(table)")
                }
                await #expect(throws: StoreError.notFound(kind: "repository", text: id.description)) {
                    try await database.store.removeRepository(id)
                }
            }
        }

        @Test("A credential in a URL is refused by the database too")
        func credential() async throws {
            try await Database.with { database in
                var repository = Repository(
                    name: "n", url: "https://me:secret@example.com/a", identity: "i", host: "h", owner: "o")
                await #expect(throws: (any Error).self) { try await database.store.addRepository(repository) }
                repository.url = "https://example.com/a:b@c"
                _ = try await database.store.addRepository(repository)
            }
        }
    }
}
