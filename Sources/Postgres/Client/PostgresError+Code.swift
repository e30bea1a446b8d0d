extension PostgresError {
    /// A class of failure that a caller can act on; see the SQLSTATE table in the PostgreSQL manual, appendix A.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        package let description: String

        /// No connection could be made, or it broke.
        package static let connectionFailed = Code(description: "connectionFailed")
        package static let uniqueViolation = Code(description: "uniqueViolation")
        package static let foreignKeyViolation = Code(description: "foreignKeyViolation")
        package static let checkViolation = Code(description: "checkViolation")
        package static let notNullViolation = Code(description: "notNullViolation")
        /// SQLSTATE 40001; the transaction can be tried again.
        package static let serializationFailure = Code(description: "serializationFailure")
        /// SQLSTATE 40P01; the transaction can be tried again.
        package static let deadlock = Code(description: "deadlock")
        /// `lock_timeout` ran out, or `nowait` found a lock.
        package static let lockNotAvailable = Code(description: "lockNotAvailable")
        package static let undefinedTable = Code(description: "undefinedTable")
        package static let undefinedSchema = Code(description: "undefinedSchema")
        package static let insufficientPrivilege = Code(description: "insufficientPrivilege")
        package static let diskFull = Code(description: "diskFull")
        /// The server or the transaction accepts no writes.
        package static let readOnly = Code(description: "readOnly")
        package static let queryCanceled = Code(description: "queryCanceled")
        /// A value that text cannot carry to the server, such as a string with a NUL character.
        package static let encoding = Code(description: "encoding")
        /// A missing or ambiguous column, an unexpected NULL, or text that is not of the asked type.
        package static let decoding = Code(description: "decoding")
        /// The connection string or URL is malformed.
        package static let invalidTarget = Code(description: "invalidTarget")
        /// The transaction was rolled back because a statement in it had failed, or it was left open.
        package static let transactionAborted = Code(description: "transactionAborted")
        package static let other = Code(description: "other")

        private static let bySQLState: [String: Code] = [
            "23505": .uniqueViolation, "23503": .foreignKeyViolation, "23514": .checkViolation,
            "23502": .notNullViolation, "40001": .serializationFailure, "40P01": .deadlock,
            "55P03": .lockNotAvailable, "42P01": .undefinedTable, "3F000": .undefinedSchema,
            "42501": .insufficientPrivilege, "53100": .diskFull, "25006": .readOnly, "57014": .queryCanceled,
            "25P02": .transactionAborted, "57P01": .connectionFailed, "57P02": .connectionFailed,
            "57P03": .connectionFailed, "57P05": .connectionFailed, "25P03": .connectionFailed,
            "53300": .connectionFailed,
        ]

        /// The code for a server's SQLSTATE; no SQLSTATE means that libpq itself failed, so the connection is gone.
        init(sqlState: String?) {
            guard let sqlState else {
                self = .connectionFailed
                return
            }
            self = Code.bySQLState[sqlState] ?? (sqlState.hasPrefix("08") ? .connectionFailed : .other)
        }

        private init(description: String) {
            self.description = description
        }
    }
}
