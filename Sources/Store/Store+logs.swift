import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// The largest piece of output in one row, in bytes.
    package static let logChunkSize = 65_536

    /// Changes when rows of `appendLog` may have been lost with the server's memory.
    package var logEpoch: Int { client.openings }

    /// Keeps a stretch of output that begins at `offset`, cut into chunks; doing it again changes nothing, and a longer
    /// chunk takes the place of a shorter one.
    ///
    /// One round trip for each chunk. The commit does not wait for the disk: the end of the attempt, which does,
    /// makes all of it durable.
    package func appendLog(_ attempt: AttemptID, _ stream: LogStream, offset: Int, bytes: [UInt8]) async throws {
        var start = 0
        while start < bytes.count {
            let chunk = Array(bytes[start..<min(start + Self.logChunkSize, bytes.count)])
            try await client.execute(
                """
                with \(Self.unflushed)
                insert into runner.step_logs (attempt_id, stream, byte_offset, bytes)
                select \(attempt), \(stream), \(offset + start), \(chunk) from mode
                on conflict (attempt_id, stream, byte_offset) do update set bytes = excluded.bytes
                where octet_length(excluded.bytes) > octet_length(step_logs.bytes)
                """)
            start += chunk.count
        }
    }

    /// At most `limit` bytes of output from the offset `from` on; fewer at the end and before a gap.
    package func readLog(
        _ attempt: AttemptID, _ stream: LogStream, from: Int = 0, limit: Int = 1 << 20
    ) async throws -> [UInt8] {
        let stretch = try await nextLog(attempt, stream, from: from, limit: limit)
        return stretch.offset == from ? stretch.bytes : []
    }

    /// The first stretch of output at or after `from`: at most `limit` bytes without a gap, and where it begins.
    ///
    /// Without bytes there is nothing after `from`, and its offset is `from`.
    package func nextLog(
        _ attempt: AttemptID, _ stream: LogStream, from: Int, limit: Int = 1 << 20
    ) async throws -> (offset: Int, bytes: [UInt8]) {
        // A chunk that holds `from` begins less than one chunk's size before it.
        let rows = try await client.query(
            """
            with first as (
                select greatest(byte_offset, \(from)) as start from runner.step_logs
                where attempt_id = \(attempt) and stream = \(stream) and byte_offset > \(from - Self.logChunkSize)
                  and byte_offset + octet_length(bytes) > \(from)
                order by byte_offset limit 1
            )
            select l.byte_offset, l.bytes from runner.step_logs l, first f
            where l.attempt_id = \(attempt) and l.stream = \(stream)
              and l.byte_offset > f.start - \(Self.logChunkSize) and l.byte_offset < f.start + \(limit)
            order by l.byte_offset
            """)
        var start: Int?
        var result: [UInt8] = []
        for row in rows {
            let offset: Int = try row.decode("byte_offset")
            let bytes: [UInt8] = try row.decode("bytes")
            guard offset + bytes.count > from else { continue }
            let begin = start ?? max(from, offset)
            start = begin
            let wanted = begin + result.count
            guard offset <= wanted else { break }
            result += bytes.dropFirst(wanted - offset)
        }
        return (start ?? from, Array(result.prefix(max(0, limit))))
    }

    /// Which stretches of an attempt's output are kept here, in order and joined where they touch.
    package func keptLog(_ attempt: AttemptID) async throws -> [LogStream: [Range<Int>]] {
        // The length of a compressed value is known without unpacking it.
        let rows = try await client.query(
            """
            select stream, byte_offset, octet_length(bytes) as length from runner.step_logs
            where attempt_id = \(attempt) order by stream, byte_offset
            """)
        var kept: [LogStream: [Range<Int>]] = [:]
        for row in rows {
            let stream: LogStream = try row.decode("stream")
            let offset: Int = try row.decode("byte_offset")
            let end = offset + (try row.decode("length", as: Int.self))
            if let last = kept[stream]?.last, offset <= last.upperBound {
                kept[stream]?.removeLast()
                kept[stream]?.append(last.lowerBound..<max(end, last.upperBound))
            } else {
                kept[stream, default: []].append(offset..<end)
            }
        }
        return kept
    }

    /// Drops the chunks that hold any of `range`: what was the middle of a long output.
    package func dropLog(_ attempt: AttemptID, _ stream: LogStream, in range: Range<Int>) async throws {
        try await client.execute(
            """
            delete from runner.step_logs
            where attempt_id = \(attempt) and stream = \(stream) and byte_offset < \(range.upperBound)
              and byte_offset > \(range.lowerBound - Self.logChunkSize)
              and byte_offset + octet_length(bytes) > \(range.lowerBound)
            """)
    }

    /// The setting that says how many days the output of an ended run is kept; a repository's own goes before it.
    package static let logRetentionSetting = "logs.retention_days"

    /// Removes the output of attempts whose run ended longer ago than its repository, or the setting, lets it be kept.
    ///
    /// Handles at most `limit` attempts, oldest runs first; returns how many. Their rows stay and say when it went. `fallback`, in days, is used where neither says anything.
    @discardableResult
    package func expireLogs(fallback: Double, limit: Int = 50) async throws -> Int {
        let rows = try await client.query(
            """
            with fallback as materialized (
                select coalesce((select value::text::double precision from runner.settings
                    where key = \(Self.logRetentionSetting) and type in ('integer', 'float')), \(fallback)) as days
            ), kept as materialized (
                select p.id, make_interval(secs => 86400 *
                    coalesce((p.settings->>'logRetentionDays')::double precision, f.days)) as retention
                from runner.repositories p, fallback f
            ), old as materialized (
                select distinct attempt_id from runner.step_logs
                where created_at < now() - (select min(retention) from kept)
            ), due as (
                select a.id from old join runner.step_attempts a on a.id = old.attempt_id
                join runner.steps s on s.id = a.step_id join runner.runs r on r.id = s.run_id
                join runner.tasks t on t.id = r.task_id join kept p on p.id = t.repository_id
                where r.finished_at < now() - p.retention and a.status <> 'running'
                order by r.finished_at limit \(limit)
            ), gone as (
                delete from runner.step_logs l using due where l.attempt_id = due.id
            )
            update runner.step_attempts a set log_removed_at = now() from due where a.id = due.id
            returning a.id
            """)
        return rows.count
    }
}
