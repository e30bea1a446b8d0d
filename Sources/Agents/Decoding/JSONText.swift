import CScan

/// The text that a JSON string stands for.
struct JSONText: ~Escapable {
    private let bytes: Span<UInt8>
    private let saved: Int

    @_lifetime(copy bytes)
    init(bytes: Span<UInt8>, _ node: JSONTape.Node) {
        self.bytes = bytes.extracting(node.range)
        saved = Int(node.link)
    }

    /// Its bytes; those that are not UTF-8 become more.
    var count: Int { bytes.count - saved }

    /// The text capped as `String.capped` does it, of which only what is kept is unescaped.
    func string(within limit: Int) -> String {
        guard count > limit else {
            let text = string(0..<bytes.count)
            return text.utf8.count > limit ? text.capped(bytes: limit) : text
        }
        let note = "\n… \(count - limit) or more bytes left out …\n"
        let half = max((limit - note.utf8.count) / 2, 0)
        let kept = half > 0 ? half : max(limit, 0)
        var text = read(kept) { string(0..<boundary(from: min($0, bytes.count), step: 1), room: limit) }
        text.removeSubrange(text.headEnd(bytes: kept)...)
        guard half > 0 else { return text }
        let tail = read(half) { string(boundary(from: max(bytes.count - $0, 0), step: -1)..<bytes.count) }
        text += note
        text += tail[tail.tailStart(bytes: half)...]
        return text
    }

    /// What `part` gives for the first count of raw bytes that comes to `wanted` bytes of text: neither end has more
    /// escapes than the whole, but as a rule far fewer.
    private func read(_ wanted: Int, _ part: (Int) -> String) -> String {
        var more = min(saved, wanted / 8)
        while true {
            let text = part(wanted + more)
            if more == saved || text.utf8.count >= wanted { return text }
            more = min(saved, max(4 * more, 64))
        }
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
        guard saved > 0 else { return false }
        return (max(position - 6, 0)..<position).contains { bytes[$0] == UInt8(ascii: "\\") }
    }

    /// The text with room for `room` bytes, so that what is appended to it moves nothing.
    private func string(_ range: Range<Int>, room: Int = 0) -> String {
        let part = bytes.extracting(range)
        guard saved > 0 || room > 0 else { return String(part) }
        return part.withUnsafeBufferPointer { part in
            String(unsafeUninitializedCapacity: max(part.count, room)) {
                Int(runner_unescape(part.baseAddress, Int64(part.count), $0.baseAddress))
            }
        }
    }
}
