import Foundation

/// Values as single lines of JSON with sorted keys and times as ISO 8601 in UTC with milliseconds.
package enum JSONLine {
    /// One line without its newline.
    package static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(date))
        }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The inverse of `encode`.
    package static func decode<Value: Decodable>(_ type: Value.Type, from line: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            return try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
        }
        return try decoder.decode(type, from: Data(line.utf8))
    }
}

extension AgentEvent {
    /// The event as one line of JSON, without a newline.
    package func jsonLine() throws -> String {
        try JSONLine.encode(self)
    }
}
