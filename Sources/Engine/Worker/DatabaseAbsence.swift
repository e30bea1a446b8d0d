import Postgres

/// Tells a database that is away from one that refuses.
enum DatabaseAbsence {
    /// Whether the same can be tried again once the database is back.
    static func explains(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.code == .connectionFailed
        case is ClusterError, is StaleOwnership: true
        default: false
        }
    }
}
