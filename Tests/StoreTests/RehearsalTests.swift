import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct RehearsalTests {
        private static let tables = ["repositories", "tasks", "runs", "steps", "events", "workflows", "sessions"]

        @Test("A rehearsal makes a task like any other and leaves nothing of it")
        func nothingLeft() async throws {
            try await Database.with { database in
                // Without a workflow there can be no task.
                try await database.store.rehearse()
                let created = try await database.task()
                var before: [Int] = []
                for table in Self.tables { before.append(try await database.count(table)) }
                let events = try await lastEvent(database)
                try await database.store.rehearse()
                var after: [Int] = []
                for table in Self.tables { after.append(try await database.count(table)) }
                #expect(after == before)
                // Tasks are numbered without a gap.
                #expect(try await database.task().task.number == created.task.number + 1)
                // Numbers that were drawn stay drawn: it did write.
                #expect(try await lastEvent(database) > events)
            }
        }

        private func lastEvent(_ database: Database) async throws -> Int {
            try await database.value(
                "select coalesce(last_value, 0) from pg_sequences where schemaname = 'runner' and sequencename = 'events_id_seq'"
            )
        }
    }
}
