import Foundation
import Postgres
package import RunnerCore

/// Each writes only what it means: what was read before it may have been changed by another process meanwhile.
extension Store {
    /// Notes a fetch from the place that `repository` has; false where it was moved from there meanwhile.
    package func noteFetch(of repository: Repository) async throws -> Bool {
        let rows = try await client.execute(
            """
            update runner.repositories
            set default_branch = \(repository.defaultBranch), fetched_at = \(repository.fetchedAt)
            where id = \(repository.id) and url = \(repository.url)
            """)
        return rows > 0
    }

    /// Notes whether the place that `repository` has can be used; false where it was moved from there meanwhile.
    package func noteVerification(of repository: Repository) async throws -> Bool {
        let rows = try await client.execute(
            """
            update runner.repositories set status = \(repository.status), verified_at = \(repository.verifiedAt)
            where id = \(repository.id) and url = \(repository.url)
            """)
        return rows > 0
    }

    /// Gives a repository the place of `moved`, which was fetched from there; returns it as it is now.
    package func moveRepository(to moved: Repository) async throws -> Repository {
        do {
            try await client.execute(
                """
                update runner.repositories set url = \(moved.url), identity = \(moved.identity), host = \(moved.host),
                    owner = \(moved.owner), default_branch = \(moved.defaultBranch), status = \(moved.status),
                    verified_at = \(moved.verifiedAt), fetched_at = \(moved.fetchedAt)
                where id = \(moved.id)
                """)
        } catch let error as PostgresError where error.code == .uniqueViolation {
            throw StoreError.duplicateRepository(name: moved.name)
        }
        return try await repository(moved.id)
    }

    /// Changes the name and the settings of a repository as they are now; returns it as it is then.
    ///
    /// `change` may be called more than once, and what else it changes is not written.
    @discardableResult
    package func changeRepository(
        _ id: RepositoryID, _ change: @Sendable (inout Repository) -> Void
    ) async throws -> Repository {
        try await client.withTransaction { connection in
            let rows = try connection.query(
                "select \(Self.repositoryColumns) from runner.repositories p where p.id = \(id) for update")
            guard let row = rows.first else { throw StoreError.notFound(kind: "repository", text: id.description) }
            var stored = try Repository(row, "p")
            var changed = stored
            change(&changed)
            try connection.execute(
                """
                update runner.repositories
                set name = \(changed.name), settings = \(try changed.settingsText())::jsonb where id = \(id)
                """)
            (stored.name, stored.settings) = (changed.name, changed.settings)
            return stored
        }
    }
}
