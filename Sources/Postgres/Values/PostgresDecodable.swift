/// A value that can be read from a column.
///
/// A type whose `RawValue` is decodable needs no more than the conformance.
package protocol PostgresDecodable {
    /// Reads the server's text format; `nil` when the text is not a value of this type.
    init?(postgresText text: String)
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package init?(postgresText text: String) {
        guard let rawValue = RawValue(postgresText: text) else { return nil }
        self.init(rawValue: rawValue)
    }
}
