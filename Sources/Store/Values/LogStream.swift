import Postgres

/// Which output of a program.
package enum LogStream: String, Sendable, Codable, CaseIterable, PostgresEncodable, PostgresDecodable {
    case stdout, stderr
}
