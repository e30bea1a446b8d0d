import CLibpq

extension PostgresConnection {
    /// Runs one statement and returns its rows.
    package borrowing func query(_ sql: SQL) throws(PostgresError) -> [PostgresRow] {
        let result = try run(sql)
        let table = PostgresRowTable(result, statements.columns(of: result))
        return (0..<table.rowCount).map { PostgresRow(table: table, index: $0) }
    }

    /// Runs one statement and returns the number of rows it inserted, changed, deleted or selected.
    @discardableResult
    package borrowing func execute(_ sql: SQL) throws(PostgresError) -> Int {
        try run(sql).affectedRows
    }

    /// Runs many statements in one round trip; without `begin` in the text they are one transaction.
    package borrowing func executeScript(_ text: String) throws(PostgresError) {
        try Self.rejectNUL(text)
        let result = PostgresResult(PQexec(handle, text))
        try check(result, operation: "script")
    }

    /// Runs one statement and returns what the server says it did, such as "COMMIT".
    borrowing func commandTag(_ sql: SQL) throws(PostgresError) -> String {
        try run(sql).commandTag
    }

    private borrowing func run(_ sql: SQL) throws(PostgresError) -> PostgresResult {
        let text = sql.text
        try Self.rejectNUL(text)
        let parameters = try PostgresParameters(sql.binds)
        // A failed statement ends a transaction, so one that may fail for its name alone is not sent in there.
        if !isInTransaction, let result = try runPrepared(text, parameters) { return result }
        let result = PostgresResult(parameters.withPointers { PQexecParams(handle, text, $0, $1, $2, $3, $4, 0) })
        try check(result, operation: "query")
        return result
    }

    /// Nil when the statement was not run and has to be sent as text.
    private borrowing func runPrepared(
        _ text: String, _ parameters: PostgresParameters
    ) throws(PostgresError) -> PostgresResult? {
        let key = StatementCache.Key(text: text, types: parameters.types)
        let name: String
        switch statements.plan(for: key) {
        case .text: return nil
        case .prepared(let known): name = known
        case .prepare(let new):
            let result = PostgresResult(
                parameters.withPointers { count, types, _, _, _ in PQprepare(handle, new, text, count, types) })
            guard result.status == PGRES_COMMAND_OK else {
                let error = result.error(operation: "query", connection: Self.lastMessage(handle))
                guard statements.recovers(from: error.sqlState, message: error.message) else { throw error }
                return nil
            }
            statements.prepared(key, as: new)
            name = new
        }
        let result = PostgresResult(
            parameters.withPointers { count, _, values, lengths, formats in
                PQexecPrepared(handle, name, count, values, lengths, formats, 0)
            }, of: name)
        do {
            try check(result, operation: "query")
        } catch {
            guard statements.recovers(from: error.sqlState, message: error.message) else { throw error }
            return nil
        }
        return result
    }

    private borrowing func check(_ result: borrowing PostgresResult, operation: String) throws(PostgresError) {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            throw PostgresError(.other, operation: operation, message: "COPY is not supported here")
        default: throw result.error(operation: operation, connection: Self.lastMessage(handle))
        }
    }

    /// A C string ends at NUL, so the rest of the text would be lost without a word.
    private static func rejectNUL(_ text: String) throws(PostgresError) {
        guard text.holdsNUL else { return }
        throw PostgresError(.encoding, operation: "query", message: "the statement holds a NUL character")
    }
}
