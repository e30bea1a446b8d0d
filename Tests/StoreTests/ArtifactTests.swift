import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct ArtifactTests {
        private static func artifact(_ name: String, _ text: String, at location: String? = nil) -> NewArtifact {
            NewArtifact(
                name: name, kind: .text, mediaType: "text/plain", size: text.utf8.count,
                sha256: [UInt8](repeating: 7, count: 32), content: location == nil ? Array(text.utf8) : nil,
                location: location)
        }

        private func finish(
            _ database: Database, _ run: RunRecord, _ step: StepRecord, _ artifacts: [NewArtifact],
            store: Store? = nil, fence: Int? = nil
        ) async throws -> AttemptID {
            let store = store ?? database.store
            var attempt = try await store.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: step.id))
            attempt.status = .failed
            var finish = FinishAttempt(runID: run.id, fence: fence ?? run.fence, attempt: attempt)
            finish.artifacts = artifacts
            _ = try await store.finishAttempt(finish)
            return attempt.id
        }

        @Test("artifacts are recorded with the end of their attempt, each as the next version of its name")
        func versions() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let store = database.store
                let steps = created.steps
                _ = try await finish(database, run, steps[0], [Self.artifact("a", "one"), Self.artifact("b", "")])
                _ = try await finish(database, run, steps[1], [Self.artifact("a", "twotwo", at: "git:x")])
                let all = try await store.artifacts(of: created.task.id)
                #expect(all.map(\.name) == ["a", "a", "b"] && all.map(\.version) == [2, 1, 1])
                #expect(all.map(\.size) == [6, 3, 0] && all.map(\.step) == ["two", "one", "one"])
                #expect(all[0].location == "git:x" && all[1].sha256 == String(repeating: "07", count: 32))
                let newest = try #require(try await store.artifact("a", of: created.task.id, version: nil))
                #expect(newest.record.version == 2 && newest.content == nil)
                let first = try #require(try await store.artifact("a", of: created.task.id, version: 1))
                #expect(first.content == Array("one".utf8))
                #expect(try await store.artifact("a", of: created.task.id, version: 3) == nil)
                #expect(try await store.artifact("'; --", of: created.task.id, version: nil) == nil)
                let events = try await store.events(of: created.task.id).filter { $0.kind == "step.artifacts" }
                #expect(events.count == 2 && events[0].detail["names"] == .array([.string("a"), .string("b")]))
            }
        }

        @Test("a replaced owner hands over nothing")
        func fenced() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                await #expect(throws: StoreError.fenced(run.id)) {
                    try await finish(database, run, created.steps[0], [Self.artifact("a", "x")], fence: run.fence + 1)
                }
                #expect(try await database.store.artifacts(of: created.task.id) == [])
            }
        }

        @Test("steps of one run that end at once number their versions one after the other")
        func atOnce() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed(steps: (1...8).map { "s\($0)" })
                _ = try await database.concurrently(8) { store, number in
                    try await finish(
                        database, run, created.steps[number], [Self.artifact("a", "x")], store: store)
                }
                let versions = try await database.store.artifacts(of: created.task.id).map(\.version)
                #expect(versions == Array((1...8).reversed()))
            }
        }
    }
}
