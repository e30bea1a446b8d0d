import Postgres
import Store

extension Failure {
    init(store error: StoreError) {
        switch error {
        case .noSchema, .schemaBehind, .unknownMigration, .changedMigration:
            self.init(.environment, error.description)
        case .fenced, .attemptEnded, .stepNotOpen:
            self.init(.internalFault, "another process took over the run; nothing was recorded")
        default: self.init(.refused, error.description)
        }
    }

    init(postgres error: PostgresError) {
        switch error.code {
        case .diskFull: self.init(.environment, error.description, hint: Failure.fullDiskHint)
        case .connectionFailed:
            // libpq adds a line for each address that it tried.
            let reason = error.message.split(whereSeparator: \.isNewline).first.map { String($0) }
            self.init(
                .environment, "\(error.operation): \(reason ?? "the connection to the database broke")",
                hint: "nothing is lost; check the database with runner db status and go on with runner retry")
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .encoding, .decoding,
            .transactionAborted:
            self.init(.internalFault, "a fault of runner: \(error.description)")
        case .other where Failure.isStatementFault(error.sqlState):
            self.init(.internalFault, "a fault of runner: \(error.description)")
        default: self.init(.environment, error.description)
        }
    }

    init(cluster error: ClusterError) {
        if error.code == .cancelled {
            self.init(.cancelled, "cancelled; see runner list")
        } else {
            self.init(
                .environment, "\(error.operation): \(error.message)", hint: error.hint.isEmpty ? nil : error.hint)
        }
    }

    /// Classes 22, 23 and 42 of PostgreSQL's appendix A: wrong data, a broken constraint, a wrong statement.
    private static func isStatementFault(_ sqlState: String?) -> Bool {
        guard let sqlState else { return false }
        return ["22", "23", "42"].contains { sqlState.hasPrefix($0) }
    }
}
