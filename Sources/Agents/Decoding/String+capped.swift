extension String {
    /// At most `bytes` bytes of UTF-8: the beginning and the end, with a note of what was left out between.
    func capped(bytes: Int) -> String {
        let total = utf8.count
        guard total > bytes else { return self }
        let note = "\n… \(total - bytes) or more bytes left out …\n"
        let half = max((bytes - note.utf8.count) / 2, 0)
        guard half > 0 else { return keepingHead(bytes: bytes) }
        return keepingHead(bytes: half) + note + keepingTail(bytes: half)
    }

    /// The longest beginning of whole characters within `bytes` bytes of UTF-8.
    func keepingHead(bytes: Int) -> String {
        utf8.count > bytes ? String(self[..<headEnd(bytes: bytes)]) : self
    }

    /// The longest end of whole characters within `bytes` bytes of UTF-8.
    func keepingTail(bytes: Int) -> String {
        utf8.count > bytes ? String(self[tailStart(bytes: bytes)...]) : self
    }

    /// Where the longest beginning of whole characters within `bytes` bytes of UTF-8 ends.
    func headEnd(bytes: Int) -> Index {
        guard utf8.count > bytes else { return endIndex }
        var end = utf8.index(startIndex, offsetBy: max(bytes, 0))
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return end
    }

    /// Where the longest end of whole characters within `bytes` bytes of UTF-8 begins.
    func tailStart(bytes: Int) -> Index {
        guard utf8.count > bytes else { return startIndex }
        var start = utf8.index(endIndex, offsetBy: -max(bytes, 0))
        while start < endIndex, start.samePosition(in: unicodeScalars) == nil { start = utf8.index(after: start) }
        return start
    }

    /// Text of a line of output: no line end, and nothing that Postgres cannot store.
    init(outputLine bytes: Span<UInt8>) {
        let endsInReturn = !bytes.isEmpty && bytes[bytes.count - 1] == UInt8(ascii: "\r")
        let text = String(bytes.extracting(droppingLast: endsInReturn ? 1 : 0))
        self = text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    }
}
