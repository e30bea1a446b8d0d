import Glibc

extension PostgresClient {
    /// Runs the closure in a transaction: commits when it returns, rolls back when it throws or the task is cancelled.
    ///
    /// After a serialization failure or a deadlock the whole closure runs again, up to `retrying` times, with a short
    /// random wait between. A commit that fails is thrown with the operation "commit"; with the code
    /// `.connectionFailed` the server may or may not have committed.
    @discardableResult
    package func withTransaction<T: Sendable>(
        isolation: TransactionIsolation = .readCommitted, retrying: Int = 0,
        _ body: @Sendable (borrowing PostgresConnection) throws -> T
    ) async throws -> T {
        try await again(upTo: retrying) { [self] in try await transact(isolation, body) }
    }

    /// Does once more what the server gave up for another session's sake, up to `limit` times, after a short random wait.
    func again<T: Sendable>(upTo limit: Int, _ body: @Sendable () async throws -> T) async throws -> T {
        var attempt = 0
        while true {
            do {
                return try await body()
            } catch let error as PostgresError
                where attempt < limit && (error.code == .serializationFailure || error.code == .deadlock)
            {
                attempt += 1
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(8 << min(attempt, 6)))))
            }
        }
    }

    private func transact<T: Sendable>(
        _ isolation: TransactionIsolation, _ body: @Sendable (borrowing PostgresConnection) throws -> T
    ) async throws -> T {
        let borrow = PostgresBorrow()
        return try await withTaskCancellationHandler {
            try lend(borrow) { connection in
                try connection.execute(SQL(unescaped: isolation.beginStatement))
                do {
                    let value = try body(connection)
                    if borrow.isCancelled { throw CancellationError() }
                    borrow.disarm()
                    try connection.commit()
                    return value
                } catch {
                    borrow.disarm()
                    connection.rollBack()
                    throw error
                }
            }
        } onCancel: {
            borrow.cancel()
        }
    }
}

extension PostgresConnection {
    borrowing func commit() throws(PostgresError) {
        let tag: String
        do {
            tag = try commandTag("commit")
        } catch {
            throw error.during("commit")
        }
        // After a failed statement whose error was swallowed the server answers COMMIT with a rollback, without error.
        guard tag == "COMMIT" else {
            throw PostgresError(
                .transactionAborted, operation: "commit",
                message: "the transaction was rolled back because a statement in it had failed")
        }
    }

    /// Never throws: the error that led here matters more, and a connection that cannot roll back is replaced.
    borrowing func rollBack() {
        guard isInTransaction else { return }
        _ = try? execute("rollback")
    }
}
