import Postgres

extension Store {
    private static let newestKnown = Migration.embedded.last?.version ?? 0

    /// Whether a newer program has brought the schema to a version that this one does not know.
    package func isOutgrown() async throws -> Bool {
        try await client.query("select \(Self.outgrown) as outgrown").first?.decode("outgrown") ?? false
    }

    static var outgrown: SQL {
        "coalesce((select max(version) from runner.schema_migrations) > \(newestKnown), false)"
    }
}
