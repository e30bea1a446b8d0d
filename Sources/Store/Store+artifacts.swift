import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// The artifacts of `ended_attempt`, each as the next version of its name. Names must differ.
    static func handedOver(_ artifacts: [NewArtifact]) -> SQL {
        let rows = artifacts.map { artifact -> SQL in
            """
            (\(artifact.name)::text, \(artifact.kind)::text, \(artifact.mediaType)::text, \(artifact.size)::bigint,
                \(artifact.sha256)::bytea, \(artifact.content)::bytea, \(artifact.location)::text)
            """
        }
        return """
            handed_over as (
                insert into runner.artifacts
                    (task_id, attempt_id, name, version, kind, media_type, size_bytes, sha256, content, location)
                select e.task_id, e.id, x.name,
                    1 + coalesce((select max(o.version) from runner.artifacts o
                                  where o.task_id = e.task_id and o.name = x.name), 0),
                    x.kind, x.media_type, x.size_bytes, x.sha256, x.content, x.location
                from ended_attempt e,
                    (values \(rows.joined(separator: ", ")))
                    as x (name, kind, media_type, size_bytes, sha256, content, location)
            ), handed_event as (
                insert into runner.events (task_id, kind, detail)
                select e.task_id, 'step.artifacts', jsonb_build_object('step', e.key, 'attempt', e.number,
                    'names', to_jsonb(\(artifacts.map(\.name))::text[]))
                from ended_attempt e
            )
            """
    }

    /// The artifacts of a task by name, the newest version of each first.
    package func artifacts(of task: TaskID) async throws -> [ArtifactRecord] {
        try await client.query(
            "\(Self.artifactSelection) where a.task_id = \(task) order by a.name, a.version desc"
        ).map { row in try Self.artifact(row) }
    }

    /// One artifact with its bytes, which are nil when they are not in the database; `version: nil` is the newest.
    package func artifact(
        _ name: String, of task: TaskID, version: Int?
    ) async throws -> (record: ArtifactRecord, content: [UInt8]?)? {
        let rows = try await client.query(
            """
            \(Self.artifactSelection)
            where a.task_id = \(task) and a.name = \(name.storable)
              and (\(version)::integer is null or a.version = \(version))
            order by a.version desc limit 1
            """)
        guard let row = rows.first else { return nil }
        let content = try await client.query(
            "select content from runner.artifacts where id = \(try row.decode("id", as: ArtifactID.self))")
        return (try Self.artifact(row), try content.first?.decodeIfPresent("content"))
    }

    /// What one attempt handed over, with its bytes where they are in the database.
    package func handedOver(by attempt: AttemptID) async throws -> [NewArtifact] {
        try await client.query(
            """
            select name, kind, media_type, size_bytes, sha256, content, location from runner.artifacts
            where attempt_id = \(attempt) order by name
            """
        ).map { row in
            NewArtifact(
                name: try row.decode("name"), kind: try row.decode("kind"), mediaType: try row.decode("media_type"),
                size: try row.decode("size_bytes"), sha256: try row.decode("sha256"),
                content: try row.decodeIfPresent("content"), location: try row.decodeIfPresent("location"))
        }
    }

    private static let artifactSelection: SQL = """
        select a.id, a.name, a.version, a.kind, a.media_type, a.size_bytes, encode(a.sha256, 'hex') as sha256,
            a.location, a.created_at, s.key as step, t.number as attempt
        from runner.artifacts a
        left join runner.step_attempts t on t.id = a.attempt_id
        left join runner.steps s on s.id = t.step_id
        """

    private static func artifact(_ row: PostgresRow) throws -> ArtifactRecord {
        ArtifactRecord(
            id: try row.decode("id"), name: try row.decode("name"), version: try row.decode("version"),
            kind: try row.decode("kind"), mediaType: try row.decode("media_type"),
            size: try row.decode("size_bytes"), sha256: try row.decode("sha256"),
            location: try row.decodeIfPresent("location"), step: try row.decodeIfPresent("step"),
            attempt: try row.decodeIfPresent("attempt"), createdAt: try row.decode("created_at"))
    }
}
