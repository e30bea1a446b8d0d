/// The last bytes of a text that may be of any length.
struct TailText {
    private let limit: Int
    private var bytes: [UInt8] = []
    private(set) var isCut = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
        // Twice the limit, so that the cost of moving the tail forward is spread over many bytes.
        if bytes.count > 2 * limit { trim() }
    }

    mutating func append(line: String) {
        bytes.append(contentsOf: line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count > 2 * limit { trim() }
    }

    /// The end of the text, without white space at its end, whole characters only.
    func text() -> String {
        var kept = bytes.suffix(limit)
        if isCut || bytes.count > limit { kept = kept.drop { $0 & 0xC0 == 0x80 } }
        while let last = kept.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { kept.removeLast() }
        return String(outputLine: kept.span)
    }

    private mutating func trim() {
        bytes.removeFirst(bytes.count - limit)
        isCut = true
    }
}
