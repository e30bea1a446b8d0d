import Foundation
import Postgres
import RunnerCore

extension SessionRecord {
    static let columnNames = [
        "id", "kind", "client", "host", "boot_id", "process_id", "process_start", "user_name", "version", "active",
        "last_heartbeat", "lease_until", "draining", "slots",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            id: try column("id"), kind: try column("kind"), client: try column("client"), host: try column("host"),
            bootID: try column("boot_id"),
            processID: try column("process_id"), processStart: try column("process_start"),
            user: try column("user_name"), version: try column("version"), isActive: try column("active"),
            lastHeartbeat: try column("last_heartbeat"), leaseUntil: try column.optional("lease_until"),
            isDraining: try column("draining"), slots: try column.optional("slots"))
    }
}
