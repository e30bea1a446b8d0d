import CScan
import RunnerCore

/// One value of a line of JSON, read where it stands: nothing is copied or unescaped before it is asked for.
///
/// A view cannot outlive the bytes of its line; the compiler sees to that. What is not there has a view too, of which
/// every reading gives nil, as it does for a value of another type.
struct JSONView: ~Escapable {
    let bytes: Span<UInt8>
    let nodes: Span<JSONTape.Node>
    /// -1 for what is not there.
    let index: Int

    @_lifetime(copy bytes, copy nodes)
    init(bytes: Span<UInt8>, nodes: Span<JSONTape.Node>, index: Int) {
        self.bytes = bytes
        self.nodes = nodes
        self.index = index
    }

    /// Nil for what is not there.
    var kind: JSONTape.Kind? { index < 0 ? nil : nodes[index].type }

    var exists: Bool { index >= 0 }

    /// The member `key` of an object; of repeated keys the last one counts.
    subscript(key: StaticString) -> JSONView {
        @_lifetime(copy self)
        @inline(__always)
        get {
            guard index >= 0, nodes[index].isA(.object) else { return at(-1) }
            // Right as the nodes are those that were read from the bytes, and all pointers are used during the call only.
            let found = bytes.withUnsafeBufferPointer { bytes in
                nodes.withUnsafeBufferPointer { nodes in
                    runner_member(
                        bytes.baseAddress, nodes.baseAddress, Int64(index), key.utf8Start, Int64(key.utf8CodeUnitCount))
                }
            }
            return at(Int(found))
        }
    }

    var string: String? { string(within: .max) }

    /// A text with about `limit` bytes at most; what is left out of its middle is told in it.
    func string(within limit: Int) -> String? {
        guard index >= 0 else { return nil }
        let node = nodes[index]
        if node.isA(.string) { return JSONText(bytes: bytes, node).string(within: limit) }
        switch node.type {
        // A number that no type can hold stays as it was written.
        case .number, .integer: return double == nil ? digits : nil
        default: return nil
        }
    }

    /// Of a text its length in bytes, but for those that are not UTF-8.
    var textBytes: Int? {
        guard index >= 0, nodes[index].isA(.string) else { return nil }
        return JSONText(bytes: bytes, nodes[index]).count
    }

    var int: Int? {
        guard index >= 0 else { return nil }
        switch nodes[index].type {
        case .integer: return shortInteger ?? Int(digits) ?? double.flatMap { Int(exactly: $0) }
        case .number: return double.flatMap { Int(exactly: $0) }
        default: return nil
        }
    }

    var double: Double? {
        guard kind == .integer || kind == .number else { return nil }
        if let shortDecimal { return shortDecimal }
        guard let value = Double(digits), value.isFinite else { return nil }
        return value
    }

    var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// Nil where the number is longer than any that surely fits, or negative.
    private var shortInteger: Int? {
        let digits = bytes.extracting(nodes[index].range)
        guard digits.count <= 18, digits[0] != UInt8(ascii: "-") else { return nil }
        var value = 0
        for place in digits.indices { value = value * 10 + Int(digits[place] - UInt8(ascii: "0")) }
        return value
    }

    /// The number where it is short and has no sign or exponent: both it without its point and the power of ten are exact
    /// then, so that their quotient is rounded once, as by `Double` itself.
    var shortDecimal: Double? {
        let digits = bytes.extracting(nodes[index].range)
        guard digits.count <= 15 else { return nil }
        var (value, scale, isBehindPoint) = (0.0, 1.0, false)
        for place in digits.indices {
            switch digits[place] {
            case UInt8(ascii: "."): isBehindPoint = true
            case let digit where digit &- UInt8(ascii: "0") < 10:
                value = value * 10 + Double(digit &- UInt8(ascii: "0"))
                if isBehindPoint { scale *= 10 }
            default: return nil
            }
        }
        return value / scale
    }

    private var digits: String {
        String(bytes.extracting(nodes[index].range))
    }

    /// Whether the value is the text `word`, without making a text of it.
    @inline(__always)
    static func ~= (word: StaticString, view: JSONView) -> Bool {
        guard view.index >= 0 else { return false }
        var node = view.nodes[view.index]
        guard node.length == word.utf8CodeUnitCount, node.isA(.string) else { return false }
        return view.bytes.withUnsafeBufferPointer {
            runner_is($0.baseAddress, &node, word.utf8Start, Int64(word.utf8CodeUnitCount)) != 0
        }
    }

    /// Whether the value is a text of the same bytes as `text`; not told of long texts with escapes.
    func isText(_ text: String) -> Bool {
        guard index >= 0, nodes[index].isA(.string) else { return false }
        var node = nodes[index]
        return bytes.withUnsafeBufferPointer { bytes in
            text.utf8.withContiguousStorageIfAvailable {
                runner_is(bytes.baseAddress, &node, $0.baseAddress, Int64($0.count)) != 0
            } ?? false
        }
    }

    /// The value at another place of the same tape.
    @_lifetime(copy self)
    func at(_ position: Int) -> JSONView {
        JSONView(bytes: bytes, nodes: nodes, index: position)
    }

    /// Hands over every element of a list.
    func forEach(_ body: (JSONView) -> Void) {
        guard kind == .array else { return }
        var position = index + 1
        while position < nodes[index].link {
            body(at(position))
            position = end(of: position)
        }
    }

    /// Hands over every member of an object, repeated keys too.
    func forEachMember(_ body: (String, JSONView) -> Void) {
        guard kind == .object else { return }
        var position = index + 1
        while position < nodes[index].link {
            body(at(position).string ?? "", at(position + 1))
            position = end(of: position + 1)
        }
    }

    /// The place behind a value and all that it holds.
    @inline(__always)
    func end(of position: Int) -> Int {
        let node = nodes[position]
        return node.isContainer ? Int(node.link) : position + 1
    }
}
