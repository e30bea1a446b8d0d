import Postgres
import Store

extension Failure {
    init(store error: StoreError) {
        switch error {
        case .noSchema, .hiddenSchema, .schemaBehind, .unknownMigration, .changedMigration:
            self.init(.environment, error.description)
        case .fenced, .attemptEnded, .stepNotOpen:
            self.init(.internalFault, "another process took over the run; nothing was recorded")
        case .noReference(let kind, _):
            self.init(.usage, error.description, hint: Failure.listHint(kind))
        case .notFound(let kind, _):
            self.init(.refused, error.description, hint: Failure.listHint(kind))
        default: self.init(.refused, error.description)
        }
    }

    private static func listHint(_ kind: String) -> String? {
        switch kind {
        case "task": "runner list shows the tasks"
        case "batch": "runner batch list shows the batches"
        default: nil
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
                hint: Failure.connectionHint(error.message))
        case .uniqueViolation, .foreignKeyViolation, .checkViolation, .notNullViolation, .encoding, .decoding,
            .transactionAborted:
            self.init(.internalFault, "a fault of runner: \(error.description)")
        case .other where Failure.isStatementFault(error.sqlState):
            self.init(.internalFault, "a fault of runner: \(error.description)")
        default: self.init(.environment, error.description, hint: Failure.refusalHint(error.sqlState))
        }
    }

    /// What the server or libpq refused is mended where the server is named; a server that is away comes back.
    private static func connectionHint(_ message: String) -> String {
        let wrong = ["invalid", "does not exist", "could not translate host name", "SSL was required", "pg_hba.conf"]
        if message.contains("no password supplied") || message.contains("password authentication failed") {
            return "put the password into ~/.pgpass, which only you may read, or into PGPASSWORD or RUNNER_DATABASE_URL"
        }
        if wrong.contains(where: { message.contains($0) }) { return "correct RUNNER_DATABASE_URL, or the server" }
        return "nothing is lost; check the database with runner db status and go on with runner retry"
    }

    private static func refusalHint(_ sqlState: String?) -> String? {
        switch sqlState {
        case "25006": "the server only reads, as a standby does: name the primary in RUNNER_DATABASE_URL"
        case "42501": "connect as the user who ran runner db migrate, or grant that user's rights to this one"
        default: nil
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
