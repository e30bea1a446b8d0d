import Postgres
package import RunnerCore

/// A document is sent as its text.
extension JSONValue: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { jsonText }

    package init?(postgresText text: String) {
        self.init(jsonText: text)
    }

    /// The value as it is read again.
    var storable: JSONValue {
        switch self {
        case .null, .bool, .integer: self
        case .number(let value): value.isFinite ? self : .null
        case .string(let text): .string(text.storable)
        case .array(let values): .array(values.map(\.storable))
        case .object(let members):
            .object(
                Dictionary(
                    members.map { ($0.key.storable, $0.value.storable) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}
