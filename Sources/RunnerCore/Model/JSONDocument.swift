/// A JSON document as its text, of which a value is made when it is asked for: most are stored as they came.
package struct JSONDocument: Sendable, Hashable, Codable {
    /// JSON that `jsonb` can hold.
    package let text: String

    /// An object without members.
    package static let empty = JSONDocument(text: "{}")

    /// `text` is JSON by RFC 8259, without U+0000, halves of pairs and numbers that no type can hold.
    package init(text: String) {
        self.text = text
    }

    /// The document of a value, on one line.
    package init(_ value: JSONValue) {
        text = value.jsonText
    }

    /// The document as a value, which is made anew each time.
    package var value: JSONValue { JSONValue(jsonText: text) ?? .null }

    /// However they are written.
    package static func == (a: JSONDocument, b: JSONDocument) -> Bool {
        a.text == b.text || a.value == b.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(value)
    }

    package init(from decoder: any Decoder) throws {
        self.init(try JSONValue(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
    }
}
