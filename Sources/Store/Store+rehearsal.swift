import Postgres
import RunnerCore

extension Store {
    /// Asks and writes once what a command does that makes a task, and takes it back, so that the server process has
    /// read its catalogs and planned its triggers.
    package func rehearse() async throws {
        _ = try await repositories(matching: "")
        _ = try await project(of: RepositoryID())
        _ = try await workflowText("", version: nil)
        _ = try await workflowStanding("", source: "")
        _ = try await sessions(activeOnly: true)
        _ = try await tasks(TaskFilter())
        do {
            try await client.withTransaction { connection in
                try Self.makeTask(on: connection)
                throw RehearsalEnd()
            }
        } catch is RehearsalEnd {}
    }

    /// What a rehearsal's transaction always ends with.
    private struct RehearsalEnd: Error {}

    private static func makeTask(on connection: borrowing PostgresConnection) throws {
        let versions = try connection.query("select id from runner.workflow_versions limit 1")
        // Before the first task ever there is none.
        guard let version: WorkflowVersionID = try versions.first?.decode("id") else { return }
        let repository = RepositoryID()
        try connection.execute(
            """
            insert into runner.repositories (id, name, url, identity, host, owner)
            values (\(repository), 'rehearsal', 'rehearsal', \(repository.description), '', '')
            """)
        let new = NewTask(
            repositoryID: repository, title: "rehearsal", prompt: "rehearsal", workflowVersionID: version,
            steps: [NewStep(key: "rehearsal", kind: "run")])
        // Far from the tasks' own, and seldom that of another rehearsal, which would be waited for.
        let number = Int.random(in: 1 << 30...Int(Int32.max))
        _ = try connection.query(creation(of: new, number: number).0)
    }
}
