import Foundation

/// Prints values as JSON: snake_case keys, sorted; moments in ISO 8601, UTC.
enum JSONOutput {
    static func encoder(pretty: Bool) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Moments.iso(date))
        }
        encoder.outputFormatting =
            pretty
            ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    static func print(_ value: some Encodable) throws {
        Terminal.write(String(decoding: try encoder(pretty: true).encode(value), as: UTF8.self) + "\n")
    }

    /// One value on one line, for streams.
    static func printLine(_ value: some Encodable) throws {
        Terminal.write(String(decoding: try encoder(pretty: false).encode(value), as: UTF8.self) + "\n")
    }
}
