/// Checks the bytes of one JSON value and notes on a tape what stands where; nothing is copied.
///
/// Foundation's decoder refuses whole documents for things that agents do write: half a surrogate pair, where a text
/// was cut inside an emoji, and bytes that are not UTF-8. Here both become replacement characters when a text is asked
/// for; so does U+0000, which Postgres cannot store. Everything else follows RFC 8259.
struct JSONReader: ~Escapable {
    struct Invalid: Error {}

    /// Deeper documents are refused, so that a hostile line cannot exhaust the stack.
    static let maximumDepth = 128

    private let bytes: Span<UInt8>
    private var position = 0

    @_lifetime(copy bytes)
    private init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// False unless `bytes` is exactly one JSON value, with space around it at most.
    static func read(_ bytes: Span<UInt8>, into nodes: inout [JSONTape.Node]) -> Bool {
        guard bytes.count <= Int32.max else { return false }
        var reader = JSONReader(bytes)
        do {
            try reader.document(&nodes)
            return true
        } catch {
            return false
        }
    }

    private mutating func document(_ nodes: inout [JSONTape.Node]) throws(Invalid) {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
        try value(depth: 0, &nodes)
        skipSpace()
        guard position == bytes.count else { throw Invalid() }
    }

    private mutating func value(depth: Int, _ nodes: inout [JSONTape.Node]) throws(Invalid) {
        guard depth < Self.maximumDepth else { throw Invalid() }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "\""): try string(&nodes)
        case UInt8(ascii: "{"): try list(.object, depth: depth, &nodes)
        case UInt8(ascii: "["): try list(.array, depth: depth, &nodes)
        case UInt8(ascii: "t"): try word("true", .true, &nodes)
        case UInt8(ascii: "f"): try word("false", .false, &nodes)
        case UInt8(ascii: "n"): try word("null", .null, &nodes)
        default: try number(&nodes)
        }
    }

    /// A list or an object.
    private mutating func list(
        _ kind: JSONTape.Kind, depth: Int, _ nodes: inout [JSONTape.Node]
    ) throws(Invalid) {
        let closing = kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
        let (index, start) = (nodes.count, position)
        nodes.append(JSONTape.Node(kind: kind, start: 0, end: 0, link: 0))
        position += 1
        skipSpace()
        if try peek() == closing {
            position += 1
        } else {
            repeat {
                if kind == .object { try key(&nodes) }
                try value(depth: depth + 1, &nodes)
            } while try goesOn(until: closing)
        }
        nodes[index] = JSONTape.Node(
            kind: kind, start: Int32(start), end: Int32(position), link: Int32(nodes.count))
    }

    private mutating func key(_ nodes: inout [JSONTape.Node]) throws(Invalid) {
        skipSpace()
        guard try peek() == UInt8(ascii: "\"") else { throw Invalid() }
        try string(&nodes)
        skipSpace()
        guard try take() == UInt8(ascii: ":") else { throw Invalid() }
    }

    /// Takes a comma (true) or the closing byte (false).
    private mutating func goesOn(until closing: UInt8) throws(Invalid) -> Bool {
        skipSpace()
        let byte = try take()
        guard byte == closing || byte == UInt8(ascii: ",") else { throw Invalid() }
        return byte != closing
    }

    private mutating func word(
        _ word: StaticString, _ kind: JSONTape.Kind, _ nodes: inout [JSONTape.Node]
    ) throws(Invalid) {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, ByteScan.equal(bytes, position..<end, word) else { throw Invalid() }
        nodes.append(JSONTape.Node(kind: kind, start: Int32(position), end: Int32(end), link: 0))
        position = end
    }

    private mutating func string(_ nodes: inout [JSONTape.Node]) throws(Invalid) {
        let start = position + 1
        var saved = 0
        var isEscaped = false
        position = ByteScan.stringStop(in: bytes, from: start)
        while try peek() != UInt8(ascii: "\"") {
            guard bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count else { throw Invalid() }
            isEscaped = true
            if JSONEscape.plain(bytes[position + 1]) != 0 {
                saved += 1
                position += 2
            } else {
                let escape = position
                guard let scalar = JSONEscape.scalar(in: bytes, at: &position) else { throw Invalid() }
                saved += position - escape - UTF8.width(scalar)
            }
            position = ByteScan.stringStop(in: bytes, from: position)
        }
        nodes.append(
            JSONTape.Node(
                kind: .string, isEscaped: isEscaped, start: Int32(start), end: Int32(position), link: Int32(saved)))
        position += 1
    }

    private mutating func number(_ nodes: inout [JSONTape.Node]) throws(Invalid) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let first = position
        try digits()
        guard position - first == 1 || bytes[first] != UInt8(ascii: "0") else { throw Invalid() }
        var kind = JSONTape.Kind.integer
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            kind = .number
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            kind = .number
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        nodes.append(JSONTape.Node(kind: kind, start: Int32(start), end: Int32(position), link: 0))
    }

    /// One digit or more.
    private mutating func digits() throws(Invalid) {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw Invalid() }
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    private func peek() throws(Invalid) -> UInt8 {
        guard position < bytes.count else { throw Invalid() }
        return bytes[position]
    }

    private mutating func take() throws(Invalid) -> UInt8 {
        let byte = try peek()
        position += 1
        return byte
    }
}
