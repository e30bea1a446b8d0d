import CLibpq

/// The columns of a result.
final class PostgresColumns: Sendable {
    /// In the order of the statement.
    let names: [String]
    /// The place of each column by its name; a name that comes twice has a negative one.
    let places: [String: Int]

    init(_ result: borrowing PostgresResult) {
        let width = PQnfields(result.handle)
        names = (0..<width).map { column in PQfname(result.handle, column).map { String(cString: $0) } ?? "" }
        places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { _, _ in -1 })
    }
}
