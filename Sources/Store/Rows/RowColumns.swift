import Postgres

/// Lists the columns `names` of `alias`, each as `alias_name`, so that one row can hold several records.
func columns(_ names: [String], of alias: String) -> SQL {
    // Made anew in each call, so that the pieces are put into one text without any in between.
    var text = ""
    for name in names {
        if !text.isEmpty { text += ", " }
        for piece in [alias, ".", name, " as ", alias, "_", name] { text += piece }
    }
    return SQL(unescaped: text)
}

/// Reads the columns of one alias from a row.
struct AliasedRow {
    let row: PostgresRow
    let alias: String

    func callAsFunction<T: PostgresDecodable>(_ name: String) throws(PostgresError) -> T {
        try row.decode(alias + "_" + name)
    }

    func optional<T: PostgresDecodable>(_ name: String) throws(PostgresError) -> T? {
        try row.decodeIfPresent(alias + "_" + name)
    }
}
