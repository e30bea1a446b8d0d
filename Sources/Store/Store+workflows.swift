import Crypto
import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Keeps a workflow's text as an unchanging version; the same text of the same workflow is the same version.
    ///
    /// Many may freeze at once. A transaction of three statements the first time, one round trip after that.
    package func freezeWorkflow(
        name: String, source: String, definition: JSONValue, author: String, origin: WorkflowOrigin = .file
    ) async throws -> (WorkflowVersionID, version: Int) {
        let checksum = SHA256.hash(data: Data(source.utf8)).hexadecimal
        let existing: SQL = """
            select v.id, v.version from runner.workflow_versions v
            join runner.workflows w on w.id = v.workflow_id
            where w.name = \(name) and v.checksum = \(checksum)
            """
        if let row = try await client.query(existing).first {
            return (try row.decode("id"), try row.decode("version"))
        }
        return try await client.withTransaction { connection in
            try Self.freeze(
                name: name, source: source, definition: definition, checksum: checksum, author: author, origin: origin,
                in: connection)
        }
    }

    /// The version of this text, made if it is new; locks the workflow's row until the transaction ends, so that versions
    /// are numbered one by one.
    static func freeze(
        name: String, source: String, definition: JSONValue, checksum: String, author: String, origin: WorkflowOrigin,
        in connection: borrowing PostgresConnection
    ) throws -> (WorkflowVersionID, version: Int) {
        try connection.execute(
            """
            insert into runner.workflows (name) values (\(name))
            on conflict (name) do update set name = excluded.name
            """)
        let existing = try connection.query(
            """
            select v.id, v.version from runner.workflow_versions v
            join runner.workflows w on w.id = v.workflow_id
            where w.name = \(name) and v.checksum = \(checksum)
            """)
        if let row = existing.first { return (try row.decode("id"), try row.decode("version")) }
        let rows = try connection.query(
            """
            insert into runner.workflow_versions
                (workflow_id, version, source, definition, checksum, author, origin)
            select w.id, 1 + coalesce(max(v.version), 0), \(source.storable), \(definition)::jsonb, \(checksum),
                \(author.storable), \(origin)
            from runner.workflows w left join runner.workflow_versions v on v.workflow_id = w.id
            where w.name = \(name)
            group by w.id
            returning id, version
            """)
        guard let row = rows.first else { throw StoreError.notFound(kind: "workflow", text: name) }
        return (try row.decode("id"), try row.decode("version"))
    }

    /// The frozen version that a run executes.
    package func workflowVersion(of run: RunID) async throws -> WorkflowVersionID {
        let rows = try await client.query("select workflow_version_id from runner.runs where id = \(run)")
        guard let row = rows.first else { throw StoreError.notFound(kind: "run", text: run.description) }
        return try row.decode("workflow_version_id")
    }
}
