import Foundation
import RunnerCore
import Store

/// Puts one stream of an attempt into the database as it comes: rows of 64 KiB, or of what came within a second.
///
/// This is for those who look on. Beyond `head` bytes only as much is stored as a slow stream needs, and old rows make
/// room for new ones; `LogCompletion` makes the stored log whole when the attempt is over.
struct LogSink: Sendable {
    private let store: Store
    private let attempt: AttemptID
    private let stream: LogStream
    private let head: Int
    private let tail: Int
    private var pending: [UInt8] = []
    /// Where `pending` begins in the stream.
    private var offset = 0
    /// What an earlier worker has stored.
    private var storedUntil = 0
    private var lastWrite = Date.distantPast
    private var lastAppend = Date.distantPast
    /// Bytes beyond the head that may be stored now.
    private var allowance = LogSink.allowanceLimit
    private var lastRefill: Date?
    /// Where rows beyond the head were last made room for.
    private var trimmedAt = 0
    /// After a failure nothing is stored for a moment: output must not wait for a database that is away.
    private(set) var restsUntil = Date.distantPast
    /// Whether a failure left something out since `mended`.
    private(set) var hasHoles = false
    /// Whether this or an earlier worker may have stored a row.
    private(set) var hasWritten: Bool

    private static let chunk = Store.logChunkSize
    private static let allowanceLimit = 4 << 20
    /// Bytes a second beyond the head: more than any agent prints, far less than a flood.
    private static let rate = 1 << 20
    private static let quietTime: TimeInterval = 0.2

    init(store: Store, attempt: AttemptID, stream: LogStream, head: Int, tail: Int, resumes: Bool) {
        self.store = store
        self.attempt = attempt
        self.stream = stream
        self.head = head
        self.tail = tail
        hasWritten = resumes
    }

    /// Nothing before `end` is stored again.
    mutating func resume(at end: Int) {
        storedUntil = end
        offset = end
    }

    /// Where what is stored, or was tried to, ends in the part that is always kept, if `position` is what was taken so far.
    func reach(_ position: Int) -> Int { min(head, pending.isEmpty ? position : offset) }

    /// What a failure left out is stored by now.
    mutating func mended() { hasHoles = false }

    /// Whether a byte at `position` would not be stored now.
    mutating func isSaturated(at position: Int, now: Date) -> Bool {
        if now < restsUntil { return position >= head }
        refill(now)
        return position >= head && allowance < LogSink.chunk
    }

    /// Takes a piece of the stream that begins at `start`.
    mutating func append(_ piece: [UInt8], at start: Int, now: Date) async {
        let bytes = Array(piece.dropFirst(max(0, storedUntil - start)))
        let position = max(start, storedUntil)
        guard !bytes.isEmpty else { return }
        if position < head, position + bytes.count > head {
            // No row lies across the end of the head, so that what follows it can be given up.
            await append(Array(bytes.prefix(head - position)), at: position, now: now)
            await flush(now)
            return await append(Array(bytes.dropFirst(head - position)), at: head, now: now)
        }
        guard now >= restsUntil, !isSaturated(at: position, now: now) else { return await flush(now) }
        if position >= head { allowance -= bytes.count }
        // Nor one that began before it, where a piece ended just there.
        if position != offset + pending.count || (position == head && !pending.isEmpty) {
            await flush(now)
            offset = position
        }
        pending += bytes
        lastAppend = now
        while pending.count >= LogSink.chunk { await write(LogSink.chunk, now) }
        if !pending.isEmpty, now.timeIntervalSince(lastWrite) >= 1 { await flush(now) }
        await trim(now)
    }

    /// Stores an unfinished line when nothing came after it for a moment.
    mutating func settle(_ now: Date) async {
        if now.timeIntervalSince(lastAppend) >= LogSink.quietTime { await flush(now) }
    }

    private mutating func flush(_ now: Date) async {
        if !pending.isEmpty { await write(pending.count, now) }
    }

    private mutating func write(_ count: Int, _ now: Date) async {
        let bytes = Array(pending.prefix(count))
        pending.removeFirst(count)
        hasWritten = true
        lastWrite = now
        do {
            try await store.appendLog(attempt, stream, offset: offset, bytes: bytes)
        } catch {
            restsUntil = now.addingTimeInterval(2)
            hasHoles = true
        }
        offset += count
    }

    private mutating func refill(_ now: Date) {
        let seconds = now.timeIntervalSince(lastRefill ?? now)
        lastRefill = now
        allowance = min(LogSink.allowanceLimit, allowance + Int(max(0, min(seconds, 60)) * Double(LogSink.rate)))
    }

    private mutating func trim(_ now: Date) async {
        guard offset - max(trimmedAt, head + tail) > max(tail / 4, LogSink.chunk) else { return }
        trimmedAt = offset
        do {
            try await store.dropLog(attempt, stream, in: head..<(offset - tail))
        } catch {
            restsUntil = now.addingTimeInterval(2)
        }
    }
}
