import Foundation
import RunnerCore
import Store

/// Carries one stream of an attempt from its file to the database, at its own pace.
struct StreamPump: Sendable {
    private(set) var reader: OutputReader
    private var log: LogSink

    private static let piece = 256 << 10
    /// Enough of the end of a flood for the live view's line.
    private static let glance = 4096

    init(folder: String, stream: LogStream, sink: LogSink) {
        reader = OutputReader(directory: folder, stream: stream == .stdout ? .stdout : .stderr)
        log = sink
    }

    var hasWritten: Bool { log.hasWritten }

    /// Whether a failure left something out that can be stored at `now`.
    func isMendable(_ now: Date) -> Bool { log.hasHoles && now >= log.restsUntil }

    /// What should be stored by now of the part that is always kept.
    var reach: Range<Int> { 0..<log.reach(reader.offset) }

    mutating func mended() { log.mended() }

    /// Goes on where an earlier worker stopped storing; with `needsAll` all is read again, but not stored again.
    mutating func resume(after stored: [Range<Int>], needsAll: Bool) {
        guard let first = stored.first, first.lowerBound == 0 else { return }
        log.resume(at: first.upperBound)
        if !needsAll { reader.skip(to: first.upperBound) }
    }

    /// Stores and returns the next piece before `end`; empty when there is none.
    ///
    /// Without `needsAll` a flood is passed over to its last bytes: the shim has its end, and nobody reads the middle.
    mutating func take(before end: Int, needsAll: Bool, now: Date) async throws -> [UInt8] {
        guard reader.offset < end else { return [] }
        let isPassedOver = !needsAll && log.isSaturated(at: reader.offset, now: now)
        if isPassedOver { reader.skip(to: end - StreamPump.glance) }
        let bytes = try reader.readNew(max: StreamPump.piece)
        if !isPassedOver { await log.append(bytes, at: reader.offset - bytes.count, now: now) }
        return bytes
    }

    /// To be called when nothing new has come.
    mutating func settle(_ now: Date) async {
        await log.settle(now)
    }

    /// At most `count` last bytes of the stream.
    func last(_ count: Int) -> [UInt8] {
        var reader = reader
        guard let end = try? reader.length() else { return [] }
        reader = reader.rewound(to: max(0, end - count))
        return (try? reader.readNew(max: count)) ?? []
    }
}
