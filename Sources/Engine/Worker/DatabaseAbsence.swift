import Postgres

/// Tells a database that is away, or held up by others, from one that refuses.
enum DatabaseAbsence {
    /// Whether the same can be tried again once the database is back, or free.
    static func explains(_ error: any Error) -> Bool {
        switch error {
        case let error as PostgresError: error.code == .connectionFailed || isHeldUp(error)
        case is ClusterError, is StaleOwnership: true
        default: false
        }
    }

    /// Whether the server gave a statement up, undone, for what others did there at that time.
    ///
    /// A cancelled one was not cancelled here, which is a `CancellationError`: the server's own limit of time, or a
    /// person who looks after it, did so.
    static func isHeldUp(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        return [.lockNotAvailable, .deadlock, .serializationFailure, .queryCanceled].contains(error.code)
    }
}
