import Postgres
package import RunnerCore

extension JSONDocument: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { text }

    package init?(postgresText text: String) {
        self.init(text: text)
    }
}
