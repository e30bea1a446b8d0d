package import Postgres

/// Every statement of the product: rows go in and come out as values of `RunnerCore`.
///
/// A method is one round trip unless it says otherwise, guards its own write, and takes the time from the server
/// alone. Errors are `StoreError` for broken rules and `PostgresError` for the rest.
package struct Store: Sendable {
    /// Channels that the database notifies; the payload is the run's id, and the tables are the truth.
    package enum Channel: String, Sendable, CaseIterable {
        case queued = "runner_queued"
        case cancel = "runner_cancel"
    }

    /// How long a worktree stays after its run when nothing else is said: 7 days.
    package static let defaultRetention = Duration.seconds(7 * 24 * 3600)

    /// How often a run is taken over from dead workers without an attempt that finishes before it is given up.
    package static let maximumTakeovers = 5

    package let client: PostgresClient

    /// Skips the check of the schema; `open` makes it.
    package init(unchecked client: PostgresClient) {
        self.client = client
    }

    /// Checks in one round trip that the schema is the one this program was built for.
    ///
    /// With `autoMigrate` a missing or older schema is brought up to date. Throws `StoreError` naming the version for a
    /// newer or changed one, and without `autoMigrate` for an older or missing one.
    package static func open(_ client: PostgresClient, autoMigrate: Bool) async throws -> Store {
        let migrator = Migrator(client)
        let applied = try await migrator.applied()
        let pending = try Migration.pending(applied: applied, of: migrator.migrations)
        guard let needed = pending.last?.version else { return Store(unchecked: client) }
        guard autoMigrate else {
            guard let newest = applied.last?.version else { throw StoreError.noSchema }
            throw StoreError.schemaBehind(applied: newest, needed: needed)
        }
        try await migrator.migrate()
        return Store(unchecked: client)
    }
}
