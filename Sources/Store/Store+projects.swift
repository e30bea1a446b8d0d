import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Throws `StoreError.duplicateProject` when the name is taken.
    package func addProject(_ project: ProjectRecord) async throws {
        let added = try await client.execute(
            """
            insert into runner.projects (id, name, description, default_workflow, default_agents, environment_settings)
            values (\(project.id), \(project.name), \(project.description.storable), \(project.workflow?.storable),
                \(Self.agents(of: project))::jsonb, \(try Self.environment(of: project))::jsonb)
            on conflict (name) do nothing
            """)
        guard added == 1 else { throw StoreError.duplicateProject(name: project.name) }
    }

    /// Writes everything but the id, the times and the repositories.
    package func updateProject(_ project: ProjectRecord) async throws {
        do {
            let changed = try await client.execute(
                """
                update runner.projects set name = \(project.name), description = \(project.description.storable),
                    default_workflow = \(project.workflow?.storable), default_agents = \(Self.agents(of: project))::jsonb,
                    environment_settings = \(try Self.environment(of: project))::jsonb
                where id = \(project.id)
                """)
            guard changed == 1 else { throw StoreError.notFound(kind: "project", text: project.name) }
        } catch let error as PostgresError where error.code == .uniqueViolation {
            throw StoreError.duplicateProject(name: project.name)
        }
    }

    /// Puts repositories into a project, or with nil into none; one that is in another project leaves it.
    package func setProject(_ project: ProjectID?, of repositories: [RepositoryID]) async throws {
        try await client.execute(
            """
            update runner.repositories set project_id = \(project) where id = any (\(repositories.map(\.uuid)))
            """)
    }

    /// Forgets a project; its repositories and their tasks stay, its batches go.
    package func removeProject(_ id: ProjectID) async throws {
        // The batches belong to the repositories as well.
        try await client.withTransaction { connection in
            try connection.execute("update runner.batches set project_id = null where project_id = \(id)")
            try connection.execute("delete from runner.projects where id = \(id)")
        }
    }

    /// By name.
    package func projects() async throws -> [ProjectRecord] {
        try await projects(where: "true")
    }

    package func project(named name: String) async throws -> ProjectRecord {
        guard let project = try await projects(where: "j.name = \(name.storable)").first else {
            throw StoreError.notFound(kind: "project", text: name)
        }
        return project
    }

    /// The project that a repository is in.
    package func project(of repository: RepositoryID) async throws -> ProjectRecord? {
        try await projects(
            where: "j.id = (select p.project_id from runner.repositories p where p.id = \(repository))"
        ).first
    }

    /// Stages of the steps of tasks, in the order in which the runs come to them.
    package func stages(of tasks: [TaskID]) async throws -> [String] {
        try await client.query(
            """
            select s.stage from runner.steps s join runner.runs r on r.id = s.run_id
            where r.task_id = any (\(tasks.map(\.uuid))) and s.stage is not null
            group by s.stage order by avg(s.position), s.stage
            """
        ).map { row in try row.decode("stage") }
    }

    private func projects(where condition: SQL) async throws -> [ProjectRecord] {
        let rows = try await client.query(
            """
            select j.id, j.name, j.description, j.default_workflow, j.default_agents ->> 'default' as agent,
                j.environment_settings::text as environment, j.created_at,
                array(select p.name from runner.repositories p where p.project_id = j.id order by p.name) as repositories
            from runner.projects j where \(condition) order by j.name
            """)
        return try rows.map { row in
            let environment: String = try row.decode("environment")
            return ProjectRecord(
                id: try row.decode("id"), name: try row.decode("name"), description: try row.decode("description"),
                workflow: try row.decodeIfPresent("default_workflow"), agent: try row.decodeIfPresent("agent"),
                environment: try JSONDecoder().decode(ProjectEnvironment.self, from: Data(environment.utf8)),
                repositories: try row.decode("repositories"), createdAt: try row.decode("created_at"))
        }
    }

    private static func agents(of project: ProjectRecord) -> JSONValue {
        .object(project.agent.map { ["default": .string($0)] } ?? [:])
    }

    private static func environment(of project: ProjectRecord) throws -> String {
        String(decoding: try JSONEncoder().encode(project.environment), as: UTF8.self).storable
    }
}
