package import Foundation
import Postgres

/// A row of `schema_migrations`.
package struct AppliedMigration: Sendable, Hashable {
    package let version: Int
    package let name: String
    package let checksum: String
    package let appliedAt: Date
    package let durationMilliseconds: Int

    static let query: SQL =
        "select version, name, checksum, applied_at, duration_ms from runner.schema_migrations order by version"

    init(_ row: PostgresRow) throws(PostgresError) {
        version = try row.decode("version")
        name = try row.decode("name")
        checksum = try row.decode("checksum")
        appliedAt = try row.decode("applied_at")
        durationMilliseconds = try row.decode("duration_ms")
    }
}
