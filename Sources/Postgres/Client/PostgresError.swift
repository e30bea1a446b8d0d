/// Says which database operation failed, why, and with which SQLSTATE.
///
/// `message` is the server's primary message, which never holds a password. `detail` often quotes row contents, so it
/// is left out of `description`.
package struct PostgresError: Error, Sendable, Hashable {
    package let code: Code
    /// What was being done: "connect", "query", "commit", ….
    package let operation: String
    package let message: String
    /// What the user can do, as one sentence; empty when nothing useful is known.
    package let hint: String
    package let sqlState: String?
    package let constraint: String?
    package let detail: String?

    package init(
        _ code: Code, operation: String, message: String, hint: String = "", sqlState: String? = nil,
        constraint: String? = nil, detail: String? = nil
    ) {
        self.code = code
        self.operation = operation
        self.message = message
        self.hint = hint
        self.sqlState = sqlState
        self.constraint = constraint
        self.detail = detail
    }

    /// The same failure under another operation name.
    func during(_ operation: String) -> PostgresError {
        PostgresError(
            code, operation: operation, message: message, hint: hint, sqlState: sqlState, constraint: constraint,
            detail: detail)
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        let advice = hint.isEmpty ? "" : "; \(hint)"
        return "\(operation): \(message)\(state)\(advice)"
    }
}
