import Foundation
import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct PackTests {
        private func pack(_ attempt: AttemptID, _ bytes: [UInt8], _ state: KeptPack.State = .complete) -> KeptPack {
            KeptPack(
                attemptID: attempt, state: state, baseCommit: Database.commit, headCommit: Database.commit,
                refs: ["refs/runner/1/base": Database.commit], size: state == .complete ? bytes.count : nil,
                sha256: state == .complete ? Array(repeating: 7, count: 32) : nil)
        }

        private func begun(_ database: Database) async throws -> (RunRecord, AttemptRecord) {
            let (created, run) = try await database.claimed()
            let attempt = try await database.store.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
            return (run, attempt)
        }

        @Test("A pack comes back byte for byte, and of a run's packs the newest is the only one")
        func newestCounts() async throws {
            try await Database.with { database in
                let (run, attempt) = try await begun(database)
                let large = (0..<(Store.packPartSize * 2 + 5)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                for bytes in [large, [], Array(large.prefix(Store.packPartSize)), [9]] {
                    try await database.store.keepPack(
                        pack(attempt.id, bytes), bytes: bytes, run: run.id, fence: run.fence)
                    let kept = try #require(try await database.store.keptPack(of: run.id))
                    #expect(kept.size == bytes.count && kept.refs == ["refs/runner/1/base": Database.commit])
                    #expect(try await database.store.packBytes(kept.id) == bytes)
                    #expect(try await database.count("checkpoint_packs") == 1)
                }
                #expect(try await database.count("checkpoint_pack_parts") == 1)
                // One that is too large says so, and takes the outdated one along.
                try await database.store.keepPack(
                    pack(attempt.id, [], .tooLarge), bytes: [], run: run.id, fence: run.fence)
                #expect(try await database.store.keptPack(of: run.id)?.state == .tooLarge)
                #expect(try await database.count("checkpoint_pack_parts") == 0)
            }
        }

        @Test("A replaced owner replaces no pack, and a half-written one does not count")
        func fenced() async throws {
            try await Database.with { database in
                let (run, attempt) = try await begun(database)
                try await database.store.keepPack(pack(attempt.id, [1]), bytes: [1], run: run.id, fence: run.fence)
                await #expect(throws: StoreError.fenced(run.id)) {
                    try await database.store.keepPack(
                        pack(attempt.id, [2]), bytes: [2], run: run.id, fence: run.fence - 1)
                }
                let kept = try #require(try await database.store.keptPack(of: run.id))
                #expect(try await database.store.packBytes(kept.id) == [1])
                let half = pack(attempt.id, [3])
                try await database.client.execute(
                    """
                    insert into runner.checkpoint_packs
                        (id, run_id, attempt_id, fence, base_commit, head_commit, size_bytes, sha256)
                    values (\(half.id), \(run.id), \(attempt.id), 1, \(Database.commit), \(Database.commit), 0, sha256(''))
                    """)
                #expect(try await database.store.keptPack(of: run.id) == kept)
                try await database.store.keepPack(pack(attempt.id, [4]), bytes: [4], run: run.id, fence: run.fence)
                #expect(try await database.count("checkpoint_packs") == 1)
            }
        }

        @Test("Packs go with the age of their runs")
        func forgotten() async throws {
            try await Database.with { database in
                let (run, attempt) = try await begun(database)
                try await database.store.keepPack(pack(attempt.id, [1]), bytes: [1], run: run.id, fence: run.fence)
                #expect(try await database.store.forgetPacks(endedBefore: .seconds(-60)) == 0)
                try await database.store.finishRun(run.id, fence: run.fence, status: .failed)
                #expect(try await database.store.forgetPacks(endedBefore: .seconds(60)) == 0)
                #expect(try await database.store.forgetPacks(endedBefore: .seconds(-60)) == 1)
            }
        }
    }
}
