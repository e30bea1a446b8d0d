import RunnerCore

/// Reads one JSON value from the bytes of a line.
///
/// Foundation's decoder refuses whole documents for things that agents do write: half a surrogate pair, where a text
/// was cut inside an emoji, and bytes that are not UTF-8. Here both become replacement characters; so does U+0000,
/// which Postgres cannot store. Everything else follows RFC 8259; of repeated keys the last one counts.
struct JSONParser {
    struct Invalid: Error {}

    /// Deeper documents are refused, so that a hostile line cannot exhaust the stack.
    static let maximumDepth = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// Nil unless `bytes` is exactly one JSON value, with space around it at most.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer)
            return try? parser.document()
        }
    }

    private mutating func document() throws(Invalid) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw Invalid() }
        return value
    }

    private mutating func value(depth: Int) throws(Invalid) -> JSONValue {
        guard depth < Self.maximumDepth else { throw Invalid() }
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Invalid) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw Invalid() }
            let key = try string()
            skipSpace()
            guard try take() == UInt8(ascii: ":") else { throw Invalid() }
            members[key] = try value(depth: depth + 1)
            if try endsList(with: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(Invalid) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            if try endsList(with: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Takes a comma (false) or the closing byte (true).
    private mutating func endsList(with closing: UInt8) throws(Invalid) -> Bool {
        skipSpace()
        let byte = try take()
        if byte == closing { return true }
        guard byte == UInt8(ascii: ",") else { throw Invalid() }
        return false
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Invalid) -> JSONValue {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[position..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: end - position))
        else { throw Invalid() }
        position = end
        return value
    }

    private mutating func string() throws(Invalid) -> String {
        position += 1
        let start = position
        var needsRepair = false
        while true {
            position = ByteScan.stringStop(in: bytes, from: position)
            guard position < bytes.count else { throw Invalid() }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                guard needsRepair else { return text(start..<position) }
                return try unescaped(start..<position)
            case UInt8(ascii: "\\"):
                needsRepair = true
                position += 2
            default: throw Invalid()
            }
        }
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    private func unescaped(_ range: Range<Int>) throws(Invalid) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let stop = min(ByteScan.stringStop(in: bytes, from: index), range.upperBound)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[index..<stop]))
            index = stop
            guard index < range.upperBound else { break }
            guard index + 1 < range.upperBound else { throw Invalid() }
            let escape = bytes[index + 1]
            index += 2
            guard escape == UInt8(ascii: "u") else {
                output.append(try Self.plainEscape(escape))
                continue
            }
            let scalar = try scalar(at: &index, end: range.upperBound)
            if let encoded = Unicode.UTF8.encode(scalar) { output.append(contentsOf: encoded) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func plainEscape(_ byte: UInt8) throws(Invalid) -> UInt8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return byte
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        default: throw Invalid()
        }
    }

    /// The character of the escape whose four digits begin at `index`, with its second half where it has one.
    private func scalar(at index: inout Int, end: Int) throws(Invalid) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let unit = try hexUnit(at: index, end: end)
        index += 4
        guard 0xD800..<0xDC00 ~= unit else {
            return unit == 0 ? replacement : Unicode.Scalar(unit) ?? replacement
        }
        guard index + 1 < end, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return replacement
        }
        let second = try hexUnit(at: index + 2, end: end)
        guard 0xDC00..<0xE000 ~= second else { return replacement }
        index += 6
        return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00)) ?? replacement
    }

    private func hexUnit(at index: Int, end: Int) throws(Invalid) -> UInt32 {
        guard index + 4 <= end else { throw Invalid() }
        var unit: UInt32 = 0
        for byte in bytes[index..<(index + 4)] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw Invalid()
            }
        }
        return unit
    }

    private mutating func number() throws(Invalid) -> JSONValue {
        let start = position
        if try peek() == UInt8(ascii: "-") { position += 1 }
        let integerDigits = skipDigits()
        guard integerDigits > 0 else { throw Invalid() }
        let firstDigit = bytes[position - integerDigits]
        guard integerDigits == 1 || firstDigit != UInt8(ascii: "0") else { throw Invalid() }
        var isInteger = true
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard skipDigits() > 0 else { throw Invalid() }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() > 0 else { throw Invalid() }
        }
        let digits = text(start..<position)
        if isInteger, let value = Int(digits) { return .integer(value) }
        guard let value = Double(digits), value.isFinite else { return .string(digits) }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        return position - start
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

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
