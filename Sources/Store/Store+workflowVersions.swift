import Crypto
import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Makes a text what the name of a workflow means from now on; an equal text of before makes no new version.
    ///
    /// `status: nil` leaves the status as it is; `tags` and the description replace those of before, `nil` leaves them.
    /// One transaction.
    package func publishWorkflow(
        name: String, source: String, definition: JSONValue, author: String, description: String?, tags: [String]?,
        status: WorkflowStatus?
    ) async throws -> (version: Int, isNew: Bool) {
        let checksum = SHA256.hash(data: Data(source.utf8)).hexadecimal
        return try await client.withTransaction { connection in
            let newest = try connection.query(
                """
                select coalesce(max(v.version), 0) as newest from runner.workflow_versions v
                join runner.workflows w on w.id = v.workflow_id where w.name = \(name)
                """)
            let before: Int = try newest.first?.decode("newest") ?? 0
            let (id, version) = try Self.freeze(
                name: name, source: source, definition: definition, checksum: checksum, author: author,
                origin: .database, in: connection)
            try connection.execute(
                """
                update runner.workflow_versions set published_at = clock_timestamp() where id = \(id)
                """)
            try connection.execute(
                """
                update runner.workflows w set status = coalesce(\(status), w.status),
                    description = coalesce(\(description?.storable), w.description), tags = coalesce(\(tags), w.tags)
                where w.name = \(name)
                """)
            return (version, version > before)
        }
    }

    /// Changes whether a workflow can be started; one that the database does not know yet gets a row.
    package func setWorkflowStatus(_ name: String, _ status: WorkflowStatus) async throws {
        try await client.execute(
            """
            insert into runner.workflows (name, status) values (\(name.storable), \(status))
            on conflict (name) do update set status = excluded.status
            """)
    }

    /// Nil when the database does not know the name.
    package func workflow(named name: String) async throws -> WorkflowRecord? {
        try await client.query("\(Self.workflowSelection) where w.name = \(name.storable)").first
            .map { row in try Self.workflow(row) }
    }

    /// Whether a workflow may be started, and the version that holds `source`; nil where the database knows neither.
    package func workflowStanding(
        _ name: String, source: String
    ) async throws -> (status: WorkflowStatus?, version: WorkflowVersionID?) {
        let checksum = SHA256.hash(data: Data(source.utf8)).hexadecimal
        let rows = try await client.query(
            """
            select w.status, v.id from runner.workflows w
            left join runner.workflow_versions v on v.workflow_id = w.id and v.checksum = \(checksum)
            where w.name = \(name.storable)
            """)
        guard let row = rows.first else { return (nil, nil) }
        return (try row.decode("status"), try row.decodeIfPresent("id"))
    }

    /// Every workflow that was published or run, by name.
    package func workflows() async throws -> [WorkflowRecord] {
        try await client.query("\(Self.workflowSelection) order by w.name").map { row in try Self.workflow(row) }
    }

    /// The versions of a workflow with what became of them, the newest first.
    package func workflowVersions(of name: String) async throws -> [WorkflowVersionRecord] {
        try await client.query(
            """
            select v.version, v.origin, v.author, v.checksum, v.created_at, v.published_at,
                (select count(*) from runner.runs r where r.workflow_version_id = v.id) as runs
            from runner.workflow_versions v join runner.workflows w on w.id = v.workflow_id
            where w.name = \(name.storable) order by v.version desc
            """
        ).map { row in
            WorkflowVersionRecord(
                version: try row.decode("version"), origin: try row.decode("origin"),
                author: try row.decode("author"), checksum: try row.decode("checksum"),
                createdAt: try row.decode("created_at"), publishedAt: try row.decodeIfPresent("published_at"),
                runs: try row.decode("runs"))
        }
    }

    /// The text of a version, `nil` meaning the one published last; nil when there is none.
    package func workflowText(_ name: String, version: Int?) async throws -> (version: Int, source: String)? {
        try await client.query(
            """
            select v.version, v.source from runner.workflow_versions v join runner.workflows w on w.id = v.workflow_id
            where w.name = \(name.storable) and (v.version = \(version) or (\(version)::integer is null
                and v.published_at is not null))
            order by v.published_at desc nulls last limit 1
            """
        ).first.map { row in (try row.decode("version"), try row.decode("source")) }
    }

    private static let workflowSelection: SQL = """
        select w.name, w.description, w.status, w.tags,
            (select v.version from runner.workflow_versions v
             where v.workflow_id = w.id and v.published_at is not null
             order by v.published_at desc limit 1) as current_version
        from runner.workflows w
        """

    private static func workflow(_ row: PostgresRow) throws -> WorkflowRecord {
        WorkflowRecord(
            name: try row.decode("name"), description: try row.decode("description"),
            status: try row.decode("status"), tags: try row.decode("tags"),
            currentVersion: try row.decodeIfPresent("current_version"))
    }
}
