import CLibpq

/// Owns one answer of the server and frees it.
struct PostgresResult: ~Copyable {
    /// `nil` when libpq ran out of memory or lost the connection before it could make one.
    let handle: OpaquePointer?
    /// The name under which its statement is prepared.
    let statement: String?

    init(_ handle: OpaquePointer?, of statement: String? = nil) {
        self.handle = handle
        self.statement = statement
    }

    deinit {
        PQclear(handle)
    }

    var status: ExecStatusType { PQresultStatus(handle) }

    var affectedRows: Int {
        PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// "COMMIT", "ROLLBACK", "INSERT 0 1", ….
    var commandTag: String {
        PQcmdStatus(handle).map { String(cString: $0) } ?? ""
    }

    func error(operation: String, connection: String) -> PostgresError {
        let sqlState = field("C")
        let hint = field("H") ?? ""
        return PostgresError(
            PostgresError.Code(sqlState: sqlState), operation: operation, message: field("M") ?? connection,
            hint: hint, sqlState: sqlState, constraint: field("n"), detail: field("D"))
    }

    /// Codes of the manual, "Error and Notice Message Fields".
    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(code.value)).map { String(cString: $0) }
    }
}
