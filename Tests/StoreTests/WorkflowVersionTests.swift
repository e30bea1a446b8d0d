import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct WorkflowVersionTests {
        private static let empty = JSONValue.object(["steps": .array([])])

        private func publish(
            _ store: Store, _ source: String, tags: [String]? = nil, status: WorkflowStatus? = nil
        ) async throws -> (version: Int, isNew: Bool) {
            try await store.publishWorkflow(
                name: "w", source: source, definition: Self.empty, author: "me", description: nil, tags: tags,
                status: status)
        }

        @Test("an equal text makes no new version, and what was published last is what the name means")
        func versions() async throws {
            try await Database.with { database in
                let store = database.store
                #expect(try await store.workflow(named: "w") == nil)
                #expect(try await store.workflowText("w", version: nil) == nil)
                #expect(try await store.workflowStanding("w", source: "a") == (nil, nil))
                // A run's own version is no published one.
                _ = try await store.freezeWorkflow(name: "w", source: "a", definition: Self.empty, author: "me")
                #expect(try await store.workflow(named: "w")?.currentVersion == nil)
                #expect(try await store.workflowText("w", version: nil) == nil)
                #expect(try await store.workflowText("w", version: 1)?.source == "a")
                let frozen = try await store.freezeWorkflow(
                    name: "w", source: "a", definition: Self.empty, author: "me"
                ).0
                #expect(try await store.workflowStanding("w", source: "a") == (.active, frozen))
                #expect(try await store.workflowStanding("w", source: "other") == (.active, nil))
                let b = try await publish(store, "b", tags: ["x"], status: .draft)
                #expect(b.version == 2 && b.isNew)
                let again = try await publish(store, "b")
                #expect(again.version == 2 && !again.isNew)
                let a = try await publish(store, "a")
                #expect(a.version == 1 && !a.isNew)
                #expect(try await store.workflowText("w", version: nil)?.source == "a")
                let record = try #require(try await store.workflow(named: "w"))
                #expect(record.status == .draft && record.tags == ["x"] && record.currentVersion == 1)
                #expect(try await store.workflowText("w", version: 9) == nil)
                let history = try await store.workflowVersions(of: "w")
                #expect(history.map(\.version) == [2, 1] && history.map(\.origin) == [.database, .file])
                #expect(history.map(\.runs) == [0, 0] && history.allSatisfy { $0.publishedAt != nil })
            }
        }

        @Test("many publish at once: versions are counted up without a gap")
        func atOnce() async throws {
            try await Database.with { database in
                let made = try await database.concurrently(8) { store, number in
                    try await store.publishWorkflow(
                        name: "w", source: "text \(number % 4)", definition: Self.empty, author: "me",
                        description: nil, tags: nil, status: nil
                    ).version
                }
                #expect(Set(made) == [1, 2, 3, 4])
                try await database.store.setWorkflowStatus("w", .paused)
                try await database.store.setWorkflowStatus("new", .archived)
                #expect(try await database.store.workflows().map(\.status) == [.archived, .paused])
            }
        }
    }
}
