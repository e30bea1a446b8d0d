import BlockingIO
import Synchronization

/// One connection on a thread of its own, opened at the first use and reopened when the server has closed it.
///
/// Calls queue up behind each other. Cancelling a task cancels its statement on the server, and the call throws
/// `CancellationError`.
package actor PostgresClient {
    private let executor: BlockingExecutor
    private let target: ConnectionTarget
    private let applicationName: String
    private var connection: PostgresConnection?
    private var isClosed = false
    private nonisolated let opened = Mutex(0)

    /// How often a connection was opened: what was committed on an earlier one without waiting for the disk may be lost.
    package nonisolated var openings: Int { opened.withLock { $0 } }

    /// Connects to nothing yet.
    package init(_ target: ConnectionTarget, applicationName: String) {
        self.target = target
        self.applicationName = applicationName
        executor = BlockingExecutor(label: "postgres \(applicationName)")
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// How often a statement is tried again that the server gave up, undone, for another one's sake.
    private static let retries = 5

    /// Runs one statement and returns its rows; after a deadlock or a serialization failure it is run again.
    package func query(_ sql: SQL) async throws -> [PostgresRow] {
        try await again(upTo: Self.retries) { [self] in
            try await withConnection { connection in try connection.query(sql) }
        }
    }

    /// Runs one statement and returns the number of rows it touched; after a deadlock or a serialization failure it is
    /// run again.
    @discardableResult
    package func execute(_ sql: SQL) async throws -> Int {
        try await again(upTo: Self.retries) { [self] in
            try await withConnection { connection in try connection.execute(sql) }
        }
    }

    /// Lends the connection to a closure that runs without interruption by other borrowers.
    ///
    /// A dead connection is replaced before the closure starts, never during it. A transaction that the closure leaves
    /// open is rolled back and reported as `transactionAborted`.
    @discardableResult
    package func withConnection<T: Sendable>(
        _ body: @Sendable (borrowing PostgresConnection) throws -> T
    ) async throws -> T {
        let borrow = PostgresBorrow()
        return try await withTaskCancellationHandler {
            try lend(borrow) { connection in
                let value = try body(connection)
                guard !connection.isInTransaction else {
                    throw PostgresError(
                        .transactionAborted, operation: "use a connection", message: "a transaction was left open")
                }
                return value
            }
        } onCancel: {
            borrow.cancel()
        }
    }

    /// Closes the connection; later calls throw `connectionFailed`.
    package func close() {
        connection = nil
        isClosed = true
    }

    /// Gives up the open connection's session to be lent; nil when there is none, or when it is not idle.
    package func surrender() -> SpareSession? {
        defer { connection = nil }
        switch connection {
        case .some(let connection): return SpareSession(takingFrom: connection)
        case .none: return nil
        }
    }

    func lend<T>(_ borrow: PostgresBorrow, _ body: (borrowing PostgresConnection) throws -> T) throws -> T {
        guard !isClosed else {
            throw PostgresError(.connectionFailed, operation: "use a connection", message: "the client is closed")
        }
        if borrow.isCancelled { throw CancellationError() }
        try connectIfNeeded()
        do {
            return try use(borrow, body)
        } catch let error as PostgresError where error.code == .queryCanceled && borrow.isCancelled {
            throw CancellationError()
        }
    }

    private func use<T>(_ borrow: PostgresBorrow, _ body: (borrowing PostgresConnection) throws -> T) throws -> T {
        switch connection {
        case .some(let connection):
            borrow.arm(connection)
            defer { borrow.disarm() }
            // What was cancelled while the connection was made had nothing to interrupt.
            if borrow.isCancelled { throw CancellationError() }
            return try body(connection)
        case .none:
            throw PostgresError(.connectionFailed, operation: "use a connection", message: "there is no connection")
        }
    }

    private func connectIfNeeded() throws(PostgresError) {
        let isUsable =
            switch connection {
            case .some(let connection): connection.isUsable
            case .none: false
            }
        guard !isUsable else { return }
        connection = nil
        connection = try PostgresConnection.open(target, applicationName: applicationName)
        opened.withLock { $0 += 1 }
    }
}
