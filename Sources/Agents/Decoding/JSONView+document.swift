import CScan
import RunnerCore

extension JSONView {
    /// The value as a document of about `limit` bytes at most: as it stands in the line, where that can be stored.
    func document(within limit: Int) -> JSONDocument {
        guard index >= 0, let bytes = storable(from: index, within: limit) else {
            return JSONDocument(value(within: limit))
        }
        return JSONDocument(text: String(bytes))
    }

    /// An object with no member but `key` of this one, or with `other` where it is not there.
    func document(of key: StaticString, or other: JSONValue, within limit: Int) -> JSONDocument {
        let member = self[key]
        guard member.exists, let bytes = member.storable(from: member.index - 1, within: limit) else {
            return JSONDocument(.object(["\(key)": member.exists ? member.value(within: limit) : other]))
        }
        return JSONDocument(
            text: bytes.withUnsafeBufferPointer { bytes in
                String(unsafeUninitializedCapacity: bytes.count + 2) { text in
                    text[0] = UInt8(ascii: "{")
                    _ = text[1...bytes.count].initialize(fromContentsOf: bytes)
                    text[bytes.count + 1] = UInt8(ascii: "}")
                    return bytes.count + 2
                }
            })
    }

    /// The bytes from the value or key at `first` to the end of this value, which is that or the key's.
    ///
    /// Nil where they are too many, or may not be a document that can be stored: where a number is not short, or a text has
    /// an escape `\uXXXX`, which may be U+0000 or half a pair.
    @_lifetime(copy self)
    private func storable(from first: Int, within limit: Int) -> Span<UInt8>? {
        let range = quoted(first).lowerBound..<quoted(index).upperBound
        guard range.count <= limit else { return nil }
        for position in first..<end(of: index) {
            let node = nodes[position]
            if node.isA(.string), node.link != 0, hasUnit(node) { return nil }
            if node.isA(.integer), node.count > 18 { return nil }
            if node.isA(.number), at(position).shortDecimal == nil { return nil }
        }
        return bytes.extracting(range)
    }

    /// Where a value or key is, of a text with its quotes.
    private func quoted(_ position: Int) -> Range<Int> {
        let node = nodes[position]
        return node.isA(.string) ? node.range.lowerBound - 1..<node.range.upperBound + 1 : node.range
    }

    private func hasUnit(_ node: JSONTape.Node) -> Bool {
        bytes.extracting(node.range).withUnsafeBytes { text in
            var position = ByteScan.first(UInt8(ascii: "\\"), in: text, from: 0)
            while position < text.count, text[position + 1] != UInt8(ascii: "u") {
                position = ByteScan.first(UInt8(ascii: "\\"), in: text, from: position + 2)
            }
            return position < text.count
        }
    }
}
