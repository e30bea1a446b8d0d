import Foundation
import Postgres
import RunnerCore

extension Repository {
    static let columnNames = [
        "id", "name", "url", "identity", "host", "owner", "default_branch", "status", "settings", "verified_at",
        "fetched_at", "created_at",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        let settings: String = try column("settings")
        self.init(
            id: try column("id"), name: try column("name"), url: try column("url"),
            identity: try column("identity"), host: try column("host"), owner: try column("owner"),
            defaultBranch: try column.optional("default_branch"), status: try column("status"),
            settings: try JSONDecoder().decode(RepositorySettings.self, from: Data(settings.utf8)),
            verifiedAt: try column.optional("verified_at"), fetchedAt: try column.optional("fetched_at"),
            createdAt: try column("created_at"))
    }

    /// The settings as the JSON document of the column.
    func settingsText() throws -> String {
        String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
    }
}
