import Postgres

/// Lists the columns `names` of `alias`, each as `alias_name`, so that one row can hold several records.
func columns(_ names: [String], of alias: String) -> SQL {
    SQL(unescaped: names.map { "\(alias).\($0) as \(alias)_\($0)" }.joined(separator: ", "))
}

/// Reads the columns of one alias from a row.
struct AliasedRow {
    let row: PostgresRow
    let alias: String

    func callAsFunction<T: PostgresDecodable>(_ name: String) throws(PostgresError) -> T {
        try row.decode("\(alias)_\(name)")
    }

    func optional<T: PostgresDecodable>(_ name: String) throws(PostgresError) -> T? {
        try row.decodeIfPresent("\(alias)_\(name)")
    }
}
