/// Cuts a stream of bytes into lines at `\n` only, with a bound on what it keeps.
///
/// A line that a piece holds whole is handed on where it stands; only what goes over the end of a piece is copied.
struct LineSplitter {
    /// What becomes of a line longer than the limit.
    enum Oversize {
        /// It comes in pieces, none longer than the limit, cut between UTF-8 characters.
        case inPieces
        /// Only its head comes, marked as cut, and the rest is passed over.
        case headOnly
    }

    /// Takes the bytes of a line, and whether they are not all of it.
    typealias Taker = (_ line: Span<UInt8>, _ isCut: Bool) -> Void

    private let limit: Int
    private let oversize: Oversize
    private var pending: [UInt8] = []
    private var isSkipping = false

    /// Bytes of the head that `headOnly` hands on.
    private static let headBytes = 1024
    /// Room that is kept from one line to the next.
    private static let keptBytes = 1 << 20

    init(limit: Int, oversize: Oversize) {
        self.limit = max(limit, 8)
        self.oversize = oversize
    }

    /// Hands on the lines that `bytes` completes; lines without any byte are left out.
    mutating func forEachLine(in bytes: UnsafeRawBufferPointer, _ take: Taker) {
        var start = 0
        while start < bytes.count {
            let newline = ByteScan.first(UInt8(ascii: "\n"), in: bytes, from: start)
            let segment = UnsafeRawBufferPointer(rebasing: bytes[start..<newline])
            if newline < bytes.count, pending.isEmpty, !isSkipping, segment.count <= limit {
                if !segment.isEmpty { take(segment.assumingMemoryBound(to: UInt8.self).span, false) }
            } else {
                append(segment, take)
                if newline < bytes.count { end(take) }
            }
            start = newline + 1
        }
    }

    /// Hands on the last line where it had no newline.
    mutating func end(_ take: Taker) {
        if !isSkipping, !pending.isEmpty { take(pending.span, false) }
        isSkipping = false
        pending.removeAll(keepingCapacity: pending.count <= Self.keptBytes)
    }

    private mutating func append(_ segment: UnsafeRawBufferPointer, _ take: Taker) {
        var segment = segment[...]
        while !isSkipping, !segment.isEmpty {
            let room = limit - pending.count
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: segment.prefix(room)))
            guard segment.count > room else { return }
            segment = segment.dropFirst(room)
            overflow(take)
        }
    }

    private mutating func overflow(_ take: Taker) {
        switch oversize {
        case .inPieces:
            let end = Self.characterBoundary(in: pending)
            take(pending.span.extracting(first: end), true)
            pending.removeFirst(end)
        case .headOnly:
            take(pending.span.extracting(first: Self.headBytes), true)
            pending = []
            isSkipping = true
        }
    }

    /// Where the last character begins if it is not whole, else the end; never 0.
    private static func characterBoundary(in bytes: [UInt8]) -> Int {
        for back in 1...3 where back < bytes.count {
            let byte = bytes[bytes.count - back]
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            if length > back { return bytes.count - back }
            if byte & 0xC0 != 0x80 { break }
        }
        return bytes.count
    }
}
