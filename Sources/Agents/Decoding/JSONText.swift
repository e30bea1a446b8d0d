/// The text that a JSON string stands for.
struct JSONText: ~Escapable {
    private let bytes: Span<UInt8>
    private let isEscaped: Bool
    private let saved: Int

    @_lifetime(copy bytes)
    init(bytes: Span<UInt8>, _ node: JSONTape.Node) {
        self.bytes = bytes.extracting(node.range)
        isEscaped = node.isEscaped
        saved = Int(node.link)
    }

    /// Its bytes; those that are not UTF-8 become more.
    var count: Int { bytes.count - saved }

    /// The text capped as `String.capped` does it, of which only what is kept is unescaped.
    func string(within limit: Int) -> String {
        guard count > limit else { return string(0..<bytes.count).capped(bytes: limit) }
        let note = "\n… \(count - limit) or more bytes left out …\n"
        let half = max((limit - note.utf8.count) / 2, 0)
        // Neither end has more escapes than the whole.
        let headBytes = half > 0 ? half : max(limit, 0)
        let head = string(0..<boundary(from: min(headBytes + saved, bytes.count), step: 1)).keepingHead(
            bytes: headBytes)
        guard half > 0 else { return head }
        let tail = string(boundary(from: max(bytes.count - half - saved, 0), step: -1)..<bytes.count)
        return head + note + tail.keepingTail(bytes: half)
    }

    /// The next place that is within no character and no escape, nor between the escapes of one pair.
    private func boundary(from start: Int, step: Int) -> Int {
        var position = start
        while position > 0, position < bytes.count, bytes[position] & 0xC0 == 0x80 || isBehindEscape(position) {
            position += step
        }
        return position
    }

    /// An escape has six bytes at most.
    private func isBehindEscape(_ position: Int) -> Bool {
        guard isEscaped else { return false }
        return (max(position - 6, 0)..<position).contains { bytes[$0] == UInt8(ascii: "\\") }
    }

    private func string(_ range: Range<Int>) -> String {
        guard isEscaped else { return String(bytes.extracting(range)) }
        let part = bytes.extracting(range)
        return String(unsafeUninitializedCapacity: part.count) {
            Self.unescape(part, into: UnsafeMutableRawBufferPointer($0))
        }
    }

    /// Writes what `part` stands for, which is no longer than itself; the count.
    private static func unescape(_ part: Span<UInt8>, into output: UnsafeMutableRawBufferPointer) -> Int {
        let raw = part.bytes
        var (index, count) = (0, 0)
        while index < part.count {
            if index + ByteScan.Block.scalarCount <= part.count, count + ByteScan.Block.scalarCount <= output.count {
                // A whole block is written; what comes behind its first stop is written over.
                let block = raw.unsafeLoadUnaligned(fromByteOffset: index, as: ByteScan.Block.self)
                output.storeBytes(of: block, toByteOffset: count, as: ByteScan.Block.self)
                let stop = ByteScan.stringStop(in: block)
                index += stop
                count += stop
                if stop == ByteScan.Block.scalarCount { continue }
            }
            let plain = index + 1 < part.count ? JSONEscape.plain(part[index + 1]) : 0
            if part[index] != UInt8(ascii: "\\") {
                output[count] = part[index]
                (index, count) = (index + 1, count + 1)
            } else if plain != 0 {
                output[count] = plain
                (index, count) = (index + 2, count + 1)
            } else if let scalar = JSONEscape.scalar(in: part, at: &index) {
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    output[count] = byte
                    count += 1
                }
            } else {
                break
            }
        }
        return count
    }
}
