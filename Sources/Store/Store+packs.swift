package import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Bytes of a pack in one row.
    package static let packPartSize = 1 << 20

    /// Keeps `pack` for a run instead of the one kept before; some round trips, one for each MiB.
    ///
    /// The older pack counts until all of the new one is there. Throws `StoreError.fenced` for a replaced owner, which
    /// changes nothing that counts.
    package func keepPack(_ pack: KeptPack, bytes: [UInt8], run: RunID, fence: Int) async throws {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence))
            insert into runner.checkpoint_packs
                (id, run_id, attempt_id, fence, state, base_commit, head_commit, refs, size_bytes, sha256)
            select \(pack.id), g.id, \(pack.attemptID), \(fence), 'writing', \(pack.baseCommit), \(pack.headCommit),
                \(JSONValue.object(pack.refs.mapValues(JSONValue.string)))::jsonb, 0, sha256('')
            from guard g returning id
            """)
        guard !rows.isEmpty else { throw StoreError.fenced(run) }
        var position = 0
        while position * Self.packPartSize < bytes.count {
            let start = position * Self.packPartSize
            let part = Array(bytes[start..<min(start + Self.packPartSize, bytes.count)])
            let written = try await client.execute(
                """
                insert into runner.checkpoint_pack_parts (pack_id, position, bytes)
                select id, \(position), \(part) from runner.checkpoint_packs
                where id = \(pack.id) and state = 'writing'
                """)
            // A newer owner has swept it away.
            guard written == 1 else { throw StoreError.fenced(run) }
            position += 1
        }
        try await complete(pack, run, fence)
    }

    /// Two statements in one transaction: of a run's packs one counts at any moment.
    private func complete(_ pack: KeptPack, _ run: RunID, _ fence: Int) async throws {
        try await client.withTransaction { connection in
            let owned = try connection.query("with \(Self.guarded(run, fence)) select id from guard")
            guard !owned.isEmpty else { throw StoreError.fenced(run) }
            try connection.execute(
                "delete from runner.checkpoint_packs where run_id = \(run) and id <> \(pack.id)")
            let count = try connection.execute(
                """
                update runner.checkpoint_packs
                set state = \(pack.state.rawValue), size_bytes = \(pack.size), sha256 = \(pack.sha256)
                where id = \(pack.id)
                """)
            guard count == 1 else { throw StoreError.fenced(run) }
        }
    }

    /// The pack that counts for a run; nil when none was ever kept.
    package func keptPack(of run: RunID) async throws -> KeptPack? {
        let rows = try await client.query(
            """
            select id, attempt_id, state, base_commit, head_commit, refs, size_bytes, sha256
            from runner.checkpoint_packs where run_id = \(run) and state <> 'writing'
            """)
        return try rows.first.map { row in
            let refs: JSONValue = try row.decode("refs")
            var named: [String: String] = [:]
            if case .object(let members) = refs { named = members.compactMapValues(\.stringValue) }
            return KeptPack(
                id: try row.decode("id"), attemptID: try row.decode("attempt_id"),
                state: KeptPack.State(rawValue: try row.decode("state")) ?? .tooLarge,
                baseCommit: try row.decode("base_commit"), headCommit: try row.decode("head_commit"), refs: named,
                size: try row.decodeIfPresent("size_bytes"), sha256: try row.decodeIfPresent("sha256"))
        }
    }

    /// All bytes of a pack, one round trip for each MiB; short when it was replaced meanwhile.
    package func packBytes(_ id: UUID) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var position = 0
        while true {
            let sql: SQL = """
                select bytes from runner.checkpoint_pack_parts where pack_id = \(id) and position = \(position)
                """
            guard let row = try await client.query(sql).first else { return bytes }
            bytes += try row.decode("bytes", as: [UInt8].self)
            position += 1
        }
    }

    /// Forgets the packs of runs that ended longer than `age` ago; returns how many.
    @discardableResult
    package func forgetPacks(endedBefore age: Duration) async throws -> Int {
        try await client.execute(
            """
            delete from runner.checkpoint_packs p using runner.runs r
            where r.id = p.run_id and r.finished_at < now() - \(age.interval)
            """)
    }
}
