/// The shape of one JSON value: a flat list of its values and keys, in their order, that says where their bytes are.
///
/// Reading allocates nothing once the list has grown; a tape is used for one line after another.
struct JSONTape {
    enum Kind: UInt8 {
        case null, `true`, `false`, integer, number, string, array, object
    }

    struct Node {
        var kind: Kind
        /// A string holds escapes.
        var isEscaped = false
        /// The place of the value's bytes; of a string without its quotes.
        var start: Int32
        var end: Int32
        /// Of a list or an object the index after all that it holds; of a string how many bytes its escapes are longer
        /// than what they stand for.
        var link: Int32

        var range: Range<Int> { Int(start)..<Int(end) }
    }

    private var nodes: [Node] = []

    init() {}

    /// Hands `body` the view of `bytes`; nil, without a call, unless they are exactly one JSON value, with space around
    /// it at most.
    mutating func read<Result>(_ bytes: Span<UInt8>, _ body: (JSONView) throws -> Result) rethrows -> Result? {
        nodes.removeAll(keepingCapacity: true)
        guard JSONReader.read(bytes, into: &nodes) else { return nil }
        return try body(JSONView(bytes: bytes, nodes: nodes.span, index: 0))
    }
}
