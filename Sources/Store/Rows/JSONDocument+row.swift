import Postgres
package import RunnerCore

/// Its text as it is, in both directions.
extension JSONDocument: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { text }

    package init?(postgresText text: String) {
        self.init(text: text)
    }
}
