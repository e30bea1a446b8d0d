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
    /// Why output is missing from the database; the attempt's end is recorded all the same.
    private(set) var failure: String?

    private static let chunk = 64 << 10

    init(store: Store, attempt: AttemptID, stream: LogStream) {
        self.store = store
        self.attempt = attempt
        self.stream = stream
    }

    mutating func append(_ bytes: [UInt8], at now: Date) async {
        pending += bytes
        while pending.count >= LogSink.chunk { await write(LogSink.chunk) }
        if !pending.isEmpty, now.timeIntervalSince(lastWrite) >= 1 {
            await write(pending.count)
            lastWrite = now
        }
    }

    mutating func flush() async {
        if !pending.isEmpty { await write(pending.count) }
    }

    private mutating func write(_ count: Int) async {
        let bytes = Array(pending.prefix(count))
        pending.removeFirst(count)
        do {
            try await store.appendLog(attempt, stream, offset: offset, bytes: bytes)
        } catch {
            failure = "\(error)"
        }
        offset += count
    }
}
