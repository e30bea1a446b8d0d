/// A text that may be part of a larger one, whose memory it shares.
package struct TextPart: Sendable, Hashable, Codable {
    /// Whoever keeps it for long copies it, as the whole stays with it.
    package let text: Substring

    /// Without a copy.
    package init(_ text: Substring) {
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        text = try Substring(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(String(text))
    }
}
