import Foundation
import Postgres
package import RunnerCore

extension Store {
    static let repositoryColumns = columns(Repository.columnNames, of: "p")

    /// Registers a repository and returns it with the server's times.
    ///
    /// Throws `StoreError.duplicateRepository` when one with the same identity is registered.
    package func addRepository(_ repository: Repository) async throws -> Repository {
        let rows = try await client.query(
            """
            with p as (
                insert into runner.repositories
                    (id, name, url, identity, host, owner, default_branch, status, settings, verified_at, fetched_at)
                values (\(repository.id), \(repository.name), \(repository.url), \(repository.identity),
                    \(repository.host), \(repository.owner), \(repository.defaultBranch), \(repository.status),
                    \(try repository.settingsText())::jsonb, \(repository.verifiedAt), \(repository.fetchedAt))
                on conflict (identity) do nothing
                returning *
            )
            select \(Self.repositoryColumns) from p
            """)
        if let row = rows.first { return try Repository(row, "p") }
        let existing = try await client.query(
            "select name from runner.repositories where identity = \(repository.identity)")
        throw StoreError.duplicateRepository(name: try existing.first?.decode("name") ?? repository.name)
    }

    /// All repositories by name.
    package func repositories() async throws -> [Repository] {
        try await client.query("select \(Self.repositoryColumns) from runner.repositories p order by p.name, p.id")
            .map { row in try Repository(row, "p") }
    }

    package func repository(_ id: RepositoryID) async throws -> Repository {
        let rows = try await client.query(
            "select \(Self.repositoryColumns) from runner.repositories p where p.id = \(id)")
        guard let row = rows.first else { throw StoreError.notFound(kind: "repository", text: id.description) }
        return try Repository(row, "p")
    }

    /// The repositories that a text names: by identity or URL, else by name, else by the beginning of an id.
    ///
    /// The better kind of match hides the others, so that more than one result means an ambiguous text.
    package func repositories(matching text: String) async throws -> [Repository] {
        let text = text.storable
        let byID: SQL = IDPrefix(text).map { $0.matches("p.id") } ?? "false"
        let rows = try await client.query(
            """
            with matches as (
                select p.*, case when p.identity = \(text) or p.url = \(text) then 0
                                 when p.name = \(text) then 1 else 2 end as rank
                from runner.repositories p
                where p.identity = \(text) or p.url = \(text) or p.name = \(text) or \(byID)
            )
            select \(Self.repositoryColumns) from matches p
            where p.rank = (select min(rank) from matches)
            order by p.name, p.identity
            """)
        return try rows.map { row in try Repository(row, "p") }
    }

    /// Forgets a repository with its tasks and their history, in a transaction of three statements.
    ///
    /// Throws `StoreError.activeTasks` while a task has not ended and `environmentsRemain` while a worktree exists.
    package func removeRepository(_ id: RepositoryID) async throws {
        try await client.withTransaction { connection in
            // The lock makes a task that is being started for this repository wait for the verdict.
            let locked = try connection.query("select from runner.repositories where id = \(id) for update")
            guard !locked.isEmpty else { throw StoreError.notFound(kind: "repository", text: id.description) }
            let busy = try connection.query(
                """
                select t.number, t.status in ('queued', 'running', 'waiting') as active from runner.tasks t
                where t.repository_id = \(id)
                  and (t.status in ('queued', 'running', 'waiting')
                       or exists (select from runner.environments e
                                  where e.task_id = t.id and e.status <> 'terminated'))
                order by t.number
                """)
            let active = try busy.filter { try $0.decode("active") }
            guard active.isEmpty else { throw StoreError.activeTasks(try active.map { try $0.decode("number") }) }
            guard busy.isEmpty else { throw StoreError.environmentsRemain(try busy.map { try $0.decode("number") }) }
            try connection.execute("delete from runner.repositories where id = \(id)")
        }
    }
}
