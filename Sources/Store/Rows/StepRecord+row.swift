import Foundation
import Postgres
import RunnerCore

extension StepRecord {
    static let columnNames = [
        "id", "run_id", "parent_id", "position", "key", "kind", "stage", "status", "earlier_attempts", "iteration",
        "started_at",
        "finished_at",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            id: try column("id"), runID: try column("run_id"), parentID: try column.optional("parent_id"),
            position: try column("position"),
            key: try column("key"), kind: try column("kind"), stage: try column.optional("stage"),
            status: try column("status"), earlierAttempts: try column("earlier_attempts"),
            turn: try column("iteration"),
            startedAt: try column.optional("started_at"),
            finishedAt: try column.optional("finished_at"))
    }
}
