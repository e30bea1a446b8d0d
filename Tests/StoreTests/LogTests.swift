import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct LogTests {
        private func attempt(_ database: Database) async throws -> AttemptID {
            let (created, run) = try await database.claimed()
            return try await database.store.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id)
            ).id
        }

        @Test("Output of any bytes comes back, from any offset and with any limit")
        func roundTrip() async throws {
            try await Database.with { database in
                let store = database.store
                let id = try await attempt(database)
                let bytes = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
                try await store.appendLog(id, .stdout, offset: 0, bytes: Array(bytes[..<100_000]))
                try await store.appendLog(id, .stdout, offset: 100_000, bytes: Array(bytes[100_000...]))
                try await store.appendLog(id, .stderr, offset: 0, bytes: [0, 255])
                #expect(try await store.readLog(id, .stdout, from: 0, limit: 1 << 20) == bytes)
                #expect(try await store.readLog(id, .stderr, from: 1, limit: 9) == [255])
                for (from, limit) in [(0, 1), (65_535, 3), (65_536, 1), (99_999, 2), (150_000, 10), (200_000, 5)] {
                    let expected = Array(bytes[from..<min(from + limit, bytes.count)])
                    #expect(try await store.readLog(id, .stdout, from: from, limit: limit) == expected)
                }
                #expect(try await store.readLog(id, .stdout, from: 200_001, limit: 5) == [])
            }
        }

        @Test("The same stretch again changes nothing, an overlap is read once, a gap ends the reading")
        func idempotent() async throws {
            try await Database.with { database in
                let store = database.store
                let id = try await attempt(database)
                for _ in 0..<3 { try await store.appendLog(id, .stdout, offset: 0, bytes: [1, 2, 3]) }
                try await store.appendLog(id, .stdout, offset: 2, bytes: [3, 4])
                try await store.appendLog(id, .stdout, offset: 9, bytes: [9])
                #expect(try await store.readLog(id, .stdout, from: 0, limit: 100) == [1, 2, 3, 4])
                #expect(try await database.count("step_logs") == 3)
                try await store.appendLog(id, .stdout, offset: 4, bytes: [])
                #expect(try await database.count("step_logs") == 3)
            }
        }
    }
}
