/// One row of a result; it stays valid after the connection is gone.
package struct PostgresRow: Sendable {
    let table: PostgresRowTable
    let index: Int

    /// The column names in the order of the statement.
    package var columns: [String] { table.columns.names }

    /// The value of a column that is not NULL; otherwise the error names the column and the type.
    package func decode<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        guard let value = try decodeIfPresent(column, as: type) else {
            throw failure(column, "is NULL, expected \(type)")
        }
        return value
    }

    /// The value of a column, `nil` for NULL.
    package func decodeIfPresent<T: PostgresDecodable>(
        _ column: String, as type: T.Type = T.self
    ) throws(PostgresError) -> T? {
        guard let position = table.columns.places[column] else {
            throw failure(column, "is not in the result (\(table.columns.names.joined(separator: ", ")))")
        }
        guard position >= 0 else {
            throw failure(column, "is in the result more than once")
        }
        guard let text = table.text(row: index, column: position) else { return nil }
        guard let value = T(postgresText: text) else { throw failure(column, "does not hold a value of type \(type)") }
        return value
    }

    private func failure(_ column: String, _ problem: String) -> PostgresError {
        PostgresError(.decoding, operation: "decode", message: "column \"\(column)\" \(problem)")
    }
}
