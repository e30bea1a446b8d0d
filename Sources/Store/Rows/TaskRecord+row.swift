import Foundation
import Postgres
import RunnerCore

extension TaskRecord {
    static let columnNames = [
        "id", "repository_id", "number", "title", "prompt", "status", "stage", "labels", "error", "created_at",
        "started_at", "completed_at",
    ]

    /// Reads what `columns(TaskRecord.columnNames, of: alias)` selected.
    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            id: try column("id"), repositoryID: try column("repository_id"), number: try column("number"),
            title: try column("title"), prompt: try column("prompt"), status: try column("status"),
            stage: try column.optional("stage"), labels: try column("labels"), error: try column.optional("error"),
            createdAt: try column("created_at"), startedAt: try column.optional("started_at"),
            completedAt: try column.optional("completed_at"))
    }
}
