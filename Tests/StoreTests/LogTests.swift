import Postgres
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

        @Test("A reader is led over what is not kept and told where it goes on; the middle can be dropped")
        func gaps() async throws {
            try await Database.with { database in
                let store = database.store
                let id = try await attempt(database)
                try await store.appendLog(id, .stdout, offset: 0, bytes: [1, 2, 3])
                try await store.appendLog(id, .stdout, offset: 3, bytes: [4])
                try await store.appendLog(id, .stdout, offset: 1_000_000, bytes: [5, 6])
                let first = try await store.nextLog(id, .stdout, from: 1)
                #expect(first.offset == 1 && first.bytes == [2, 3, 4])
                let second = try await store.nextLog(id, .stdout, from: 4)
                #expect(second.offset == 1_000_000 && second.bytes == [5, 6])
                let last = try await store.nextLog(id, .stdout, from: 1_000_002)
                #expect(last.offset == 1_000_002 && last.bytes.isEmpty)
                #expect(try await store.keptLog(id) == [.stdout: [0..<4, 1_000_000..<1_000_002]])
                try await store.dropLog(id, .stdout, in: 3..<1_000_000)
                #expect(try await store.keptLog(id) == [.stdout: [0..<3, 1_000_000..<1_000_002]])
            }
        }

        @Test("A chunk that reaches into the dropped middle goes whole, one that ends or begins at its edge stays")
        func crossing() async throws {
            try await Database.with { database in
                let store = database.store
                let id = try await attempt(database)
                let chunk = [UInt8](repeating: 7, count: Store.logChunkSize)
                for offset in [0, chunk.count, 4 * chunk.count - 1, 5 * chunk.count - 1] {
                    try await store.appendLog(id, .stdout, offset: offset, bytes: chunk)
                }
                let gap = (2 * chunk.count - 1)..<(5 * chunk.count - 1)
                try await store.dropLog(id, .stdout, in: gap)
                #expect(
                    try await store.keptLog(id) == [
                        .stdout: [0..<chunk.count, gap.upperBound..<(gap.upperBound + chunk.count)]
                    ])
            }
        }

        @Test("A longer chunk takes the place of a shorter one, and never the other way")
        func longerChunk() async throws {
            try await Database.with { database in
                let store = database.store
                let id = try await attempt(database)
                try await store.appendLog(id, .stdout, offset: 0, bytes: [1, 2])
                try await store.appendLog(id, .stdout, offset: 0, bytes: [1, 2, 3])
                try await store.appendLog(id, .stdout, offset: 0, bytes: [1])
                #expect(try await store.readLog(id, .stdout) == [1, 2, 3])
            }
        }

        @Test("Output goes when its run ended longer ago than its repository, or the setting, says; not before")
        func retention() async throws {
            try await Database.with { database in
                let store = database.store
                let (created, run) = try await database.claimed()
                var ended = try await store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                try await store.appendLog(ended.id, .stdout, offset: 0, bytes: [1, 2])
                ended.status = .failed
                ended.outputBytes = 2
                ended.outputSHA256 = String(repeating: "ab", count: 32)
                ended.log = AttemptLogSize(stdoutTotal: 9, stdoutKept: 2, stderrTotal: 0, stderrKept: 0)
                ended.stop = AttemptStop(
                    cause: "cancelled", signals: ["SIGTERM"], scope: "cgroup", survivorsKilled: 1, survivorsLeft: 0)
                try await store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: ended, finish: RunFinish(status: .failed)))
                func age(_ days: Int) async throws {
                    try await database.client.execute(
                        """
                        update runner.step_logs set created_at = now() - make_interval(secs => 86400.0 * \(days + 1));
                        """)
                    try await database.client.execute(
                        """
                        update runner.runs set started_at = now() - make_interval(secs => 86400.0 * \(days + 1)),
                            finished_at = now() - make_interval(secs => 86400.0 * \(days))
                        """)
                }
                try await age(10)
                #expect(try await store.expireLogs(fallback: 90) == 0)
                try await store.setSetting(Store.logRetentionSetting, .integer(20))
                #expect(try await store.expireLogs(fallback: 5) == 0)
                let read = try #require(try await store.attempts(of: run.id).first)
                #expect(read.log == ended.log && read.stop == ended.stop && read.outputSHA256 == ended.outputSHA256)
                #expect(read.logRemovedAt == nil)
                let repository = try #require(try await store.repositories().first)
                try await store.changeRepository(repository.id) { $0.settings.logRetentionDays = 7 }
                #expect(try await store.expireLogs(fallback: 90) == 1)
                #expect(try await store.expireLogs(fallback: 90) == 0)
                #expect(try await database.count("step_logs") == 0)
                #expect(try await store.attempts(of: run.id).first?.logRemovedAt != nil)
            }
        }
    }
}
