import Foundation
package import Postgres
import RunnerCore

/// Brings the schema of a database to the version this program needs, and back.
///
/// Each migration is one transaction under an advisory lock, so that many programs may start at once.
package struct Migrator: Sendable {
    package let client: PostgresClient
    package let migrations: [Migration]

    /// Uses the migrations that are embedded in the program.
    package init(_ client: PostgresClient) {
        self.init(client, migrations: Migration.embedded)
    }

    init(_ client: PostgresClient, migrations: [Migration]) {
        self.client = client
        self.migrations = migrations
    }

    /// Every migration that is known or applied, by version.
    package func status() async throws -> [MigrationStatus] {
        let applied = try await applied()
        let rows = Dictionary(applied.map { ($0.version, $0) }, uniquingKeysWith: { first, _ in first })
        let known = migrations.map { migration in
            guard let row = rows[migration.version] else {
                return MigrationStatus(version: migration.version, name: migration.name, state: .pending)
            }
            let isSame = row.checksum == migration.checksum
            return MigrationStatus(
                version: row.version, name: row.name,
                state: isSame ? .applied(row.appliedAt) : .changed(row.appliedAt))
        }
        let versions = Set(migrations.map(\.version))
        let unknown = applied.filter { !versions.contains($0.version) }
            .map { MigrationStatus(version: $0.version, name: $0.name, state: .unknown($0.appliedAt)) }
        return (known + unknown).sorted { $0.version < $1.version }
    }

    /// Applies what is pending and returns it, oldest first; with `dryRun` it only returns it.
    @discardableResult
    package func migrate(dryRun: Bool = false) async throws -> [Migration] {
        let pending = try Migration.pending(applied: try await applied(), of: migrations)
        guard !dryRun else { return pending }
        var done: [Migration] = []
        for migration in pending where try await apply(migration) { done.append(migration) }
        return done
    }

    /// Takes back the newest `count` migrations and everything stored in what they made; returns them, newest first.
    @discardableResult
    package func revert(_ count: Int) async throws -> [Migration] {
        let applied = try await applied()
        _ = try Migration.pending(applied: applied, of: migrations)
        let versions = applied.map(\.version).suffix(max(0, count)).reversed()
        let chosen = versions.compactMap { version in migrations.first { $0.version == version } }
        for migration in chosen { try await takeBack(migration) }
        return chosen
    }

    /// The names and the first text of the next migration's two files; writes nothing.
    package func newMigration(_ name: String) throws -> NewMigration {
        try NewMigration(version: (migrations.last?.version ?? 0) + 1, name: name)
    }

    /// What the database says was applied; empty when it has no schema yet. Throws when it may not be seen.
    func applied() async throws -> [AppliedMigration] {
        do {
            let applied = try await client.query(AppliedMigration.query).map { row in try AppliedMigration(row) }
            // Grants alone show the table; its rows are for the owner and the two roles.
            let hidden: SQL = """
                select current_user::text as name
                where row_security_active('runner.schema_migrations')
                """
            guard applied.isEmpty, let row = try await client.query(hidden).first else { return applied }
            throw StoreError.hiddenSchema(user: try row.decode("name"))
        } catch let error as PostgresError where error.code == .undefinedTable || error.code == .undefinedSchema {
            return []
        }
    }

    /// Returns false when another program was faster.
    private func apply(_ migration: Migration) async throws -> Bool {
        try await client.withTransaction { connection in
            try Self.prepare(connection)
            guard try !Self.isApplied(migration, connection) else { return false }
            let start = ContinuousClock.now
            try connection.executeScript(migration.up)
            let duration = Int((ContinuousClock.now - start).inSeconds * 1000)
            try connection.execute(
                """
                insert into runner.schema_migrations (version, name, checksum, duration_ms)
                values (\(migration.version), \(migration.name), \(migration.checksum), \(duration))
                """)
            return true
        }
    }

    private func takeBack(_ migration: Migration) async throws {
        try await client.withTransaction { connection in
            try Self.prepare(connection)
            guard try Self.isApplied(migration, connection) else { return }
            try connection.execute("delete from runner.schema_migrations where version = \(migration.version)")
            try connection.executeScript(migration.down)
        }
    }

    /// Waits for other programs that migrate, and keeps objects of other schemas from answering for built-in ones.
    static func prepare(_ connection: borrowing PostgresConnection) throws {
        try connection.executeScript(
            """
            set local lock_timeout = '60s';
            set local search_path = pg_catalog;
            select pg_advisory_xact_lock(\(lockKey));
            """)
    }

    private static func isApplied(_ migration: Migration, _ connection: borrowing PostgresConnection) throws -> Bool {
        let exists = try connection.query("select to_regclass('runner.schema_migrations') is not null as found")
        guard try exists.first?.decode("found", as: Bool.self) == true else { return false }
        let sql: SQL = "select from runner.schema_migrations where version = \(migration.version)"
        return try !connection.query(sql).isEmpty
    }

    /// "runner" in ASCII; any number that others are unlikely to use.
    private static let lockKey = 0x7275_6e6e_6572
}
