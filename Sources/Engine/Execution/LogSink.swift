import Foundation
import RunnerCore
import Store

/// Gathers an attempt's output into rows of 64 KiB, or of what came within a second.
struct LogSink: Sendable {
    private let store: Store
    private let attempt: AttemptID
    private let stream: LogStream
    private var pending: [UInt8] = []
    private var offset = 0
    private var lastWrite = Date.distantPast
    /// Bytes that an earlier worker has kept already.
    private var known: Int
    /// Why output is missing from the database; the attempt's end is recorded all the same.
    private(set) var failure: String?

    private static let chunk = 64 << 10

    init(store: Store, attempt: AttemptID, stream: LogStream, known: Int = 0) {
        self.known = known
        offset = known
        self.store = store
        self.attempt = attempt
        self.stream = stream
    }

    /// Takes the next bytes of the stream from its very beginning; throws when the database is away.
    mutating func append(_ bytes: [UInt8], at now: Date) async throws {
        let dropped = min(known, bytes.count)
        known -= dropped
        pending += bytes.dropFirst(dropped)
        while pending.count >= LogSink.chunk { try await write(LogSink.chunk) }
        if !pending.isEmpty, now.timeIntervalSince(lastWrite) >= 1 {
            try await write(pending.count)
            lastWrite = now
        }
    }

    mutating func flush() async throws {
        while !pending.isEmpty { try await write(min(LogSink.chunk, pending.count)) }
    }

    private mutating func write(_ count: Int) async throws {
        let bytes = Array(pending.prefix(count))
        pending.removeFirst(count)
        do {
            try await store.appendLog(attempt, stream, offset: offset, bytes: bytes)
        } catch where DatabaseAbsence.explains(error) || error is CancellationError {
            throw error
        } catch {
            failure = "\(error)"
        }
        offset += count
    }
}
