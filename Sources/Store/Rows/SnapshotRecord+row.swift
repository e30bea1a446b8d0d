import Foundation
import Postgres
import RunnerCore

extension SnapshotRecord {
    static let columnNames = [
        "id", "repository_id", "task_id", "environment_id", "host", "number", "ref", "commit", "reason", "verified",
        "bytes", "files", "not_saved", "expires_after", "created_at",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        var notSaved: [String] = []
        if case .array(let lines) = try column("not_saved") as JSONValue {
            notSaved = lines.compactMap { if case .string(let line) = $0 { line } else { nil } }
        }
        self.init(
            id: try column("id"), repositoryID: try column("repository_id"), taskID: try column("task_id"),
            environmentID: try column.optional("environment_id"), host: try column("host"),
            number: try column("number"), ref: try column("ref"), commit: try column.optional("commit"),
            reason: try column("reason"), verified: try column("verified"), bytes: try column.optional("bytes"),
            files: try column.optional("files"), notSaved: notSaved, expiresAfter: try column("expires_after"),
            createdAt: try column("created_at"))
    }
}
