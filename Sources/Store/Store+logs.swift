import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// The largest piece of output in one row, in bytes.
    package static let logChunkSize = 65_536

    /// Keeps a stretch of output that begins at `offset`, cut into chunks; doing it again changes nothing.
    ///
    /// One round trip for each chunk. The commit does not wait for the disk: the end of the attempt, which does,
    /// makes all of it durable.
    package func appendLog(_ attempt: AttemptID, _ stream: LogStream, offset: Int, bytes: [UInt8]) async throws {
        var start = 0
        while start < bytes.count {
            let chunk = Array(bytes[start..<min(start + Self.logChunkSize, bytes.count)])
            try await client.execute(
                """
                with mode as materialized (select set_config('synchronous_commit', 'off', true))
                insert into runner.step_logs (attempt_id, stream, byte_offset, bytes)
                select \(attempt), \(stream), \(offset + start), \(chunk) from mode
                on conflict (attempt_id, stream, byte_offset) do nothing
                """)
            start += chunk.count
        }
    }

    /// At most `limit` bytes of output from the offset `from` on; fewer at the end and before a gap.
    package func readLog(
        _ attempt: AttemptID, _ stream: LogStream, from: Int = 0, limit: Int = 1 << 20
    ) async throws -> [UInt8] {
        // A chunk that holds `from` begins less than one chunk's size before it.
        let rows = try await client.query(
            """
            select byte_offset, bytes from runner.step_logs
            where attempt_id = \(attempt) and stream = \(stream)
              and byte_offset > \(from - Self.logChunkSize) and byte_offset < \(from + limit)
            order by byte_offset
            """)
        var result: [UInt8] = []
        for row in rows {
            let offset: Int = try row.decode("byte_offset")
            let bytes: [UInt8] = try row.decode("bytes")
            let wanted = from + result.count
            guard offset <= wanted else { break }
            result += bytes.dropFirst(wanted - offset)
        }
        return Array(result.prefix(max(0, limit)))
    }
}
