import CScan

/// The shape of one JSON value: a flat list of its values and keys, in their order, that says where their bytes are.
///
/// Reading allocates nothing once the list has grown; a tape is used for one line after another.
///
/// Foundation's decoder refuses whole documents for things that agents do write: half a surrogate pair, where a text
/// was cut inside an emoji, and bytes that are not UTF-8. Here both become replacement characters when a text is asked
/// for; so does U+0000, which Postgres cannot store. Everything else follows RFC 8259.
struct JSONTape {
    typealias Node = runner_node

    /// In the order of `runner_kind`.
    enum Kind: UInt32 {
        case null, `true`, `false`, integer, number, string, array, object
    }

    /// Longer than what a line needs, so that it can be written to by index.
    private var nodes = [Node](repeating: Node(), count: 256)

    init() {}

    /// Hands `body` the view of `bytes`; nil, without a call, unless they are exactly one JSON value, with space around
    /// it at most.
    mutating func read<Result>(_ bytes: Span<UInt8>, _ body: (JSONView) throws -> Result) rethrows -> Result? {
        guard let count = fill(from: bytes) else { return nil }
        return try body(JSONView(bytes: bytes, nodes: nodes.span.extracting(first: count), index: 0))
    }

    /// How many nodes the value has; nil where there is no value.
    private mutating func fill(from bytes: Span<UInt8>) -> Int? {
        guard bytes.count <= Int32.max else { return nil }
        while true {
            // Right as both pointers are used during the call only, which keeps within the counts beside them.
            let count = bytes.withUnsafeBufferPointer { bytes in
                nodes.withUnsafeMutableBufferPointer { nodes in
                    runner_read_json(bytes.baseAddress, Int64(bytes.count), nodes.baseAddress, Int64(nodes.count))
                }
            }
            guard count == RUNNER_NO_ROOM else { return count < 0 ? nil : Int(count) }
            nodes.append(contentsOf: repeatElement(Node(), count: nodes.count))
        }
    }
}

extension JSONTape.Node {
    var type: JSONTape.Kind { JSONTape.Kind(rawValue: kind) ?? .null }

    /// Without making a kind of the number.
    @inline(__always)
    func isA(_ type: JSONTape.Kind) -> Bool { kind == type.rawValue }

    var isContainer: Bool { kind >= JSONTape.Kind.array.rawValue }

    /// Of a string how many bytes of text it stands for.
    var length: Int { Int(count &- link) }

    var range: Range<Int> { Int(start)..<Int(start &+ count) }
}
