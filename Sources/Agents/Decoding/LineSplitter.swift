/// Cuts a stream of bytes into lines at `\n` only, with a bound on what it keeps.
struct LineSplitter {
    /// What becomes of a line longer than the limit.
    enum Oversize {
        /// It comes in pieces, none longer than the limit, cut between UTF-8 characters.
        case inPieces
        /// Only its head comes, marked as cut, and the rest is passed over.
        case headOnly
    }

    struct Line: Hashable {
        var bytes: [UInt8]
        var isCut: Bool
    }

    private let limit: Int
    private let oversize: Oversize
    private var pending: [UInt8] = []
    private var isSkipping = false

    /// Bytes of the head that `headOnly` hands on.
    private static let headBytes = 1024

    init(limit: Int, oversize: Oversize) {
        self.limit = max(limit, 8)
        self.oversize = oversize
    }

    /// The lines that `bytes` completes; lines without any byte are left out.
    mutating func lines(in bytes: UnsafeRawBufferPointer) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while true {
            let newline = ByteScan.newline(in: bytes, from: start)
            append(bytes[start..<newline], to: &lines)
            guard newline < bytes.count else { break }
            endLine(&lines)
            start = newline + 1
        }
        return lines
    }

    /// The last line where it had no newline.
    mutating func end() -> [Line] {
        var lines: [Line] = []
        endLine(&lines)
        return lines
    }

    private mutating func endLine(_ lines: inout [Line]) {
        if !isSkipping, !pending.isEmpty { lines.append(Line(bytes: pending, isCut: false)) }
        isSkipping = false
        pending = []
    }

    private mutating func append(_ segment: Slice<UnsafeRawBufferPointer>, to lines: inout [Line]) {
        var segment = segment
        while !isSkipping, !segment.isEmpty {
            let room = limit - pending.count
            if segment.count <= room {
                pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: segment))
                return
            }
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: segment.prefix(room)))
            segment = segment.dropFirst(room)
            overflow(&lines)
        }
    }

    private mutating func overflow(_ lines: inout [Line]) {
        switch oversize {
        case .inPieces:
            let end = Self.characterBoundary(in: pending)
            lines.append(Line(bytes: Array(pending[..<end]), isCut: true))
            pending.removeFirst(end)
        case .headOnly:
            lines.append(Line(bytes: Array(pending.prefix(Self.headBytes)), isCut: true))
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
