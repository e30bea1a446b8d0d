import Foundation
import Postgres
import RunnerCore

extension EventRecord {
    static let columnNames = ["id", "task_id", "kind", "detail", "created_at"]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            id: try column("id"), taskID: try column.optional("task_id"), kind: try column("kind"),
            detail: try column("detail"), createdAt: try column("created_at"))
    }
}
