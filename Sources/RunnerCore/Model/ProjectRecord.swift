package import Foundation

/// A named group of repositories with defaults for their tasks, and a board.
package struct ProjectRecord: Sendable, Hashable, Codable {
    package var id: ProjectID
    package var name: String
    package var description: String
    /// The workflow for tasks whose repository names none.
    package var workflow: String?
    /// The agent for steps that ask for the default one, where the repository names none.
    package var agent: String?
    package var environment: ProjectEnvironment
    /// The names of its repositories, sorted.
    package var repositories: [String]
    package var createdAt: Date

    package init(
        id: ProjectID = .init(), name: String, description: String = "", workflow: String? = nil,
        agent: String? = nil, environment: ProjectEnvironment = .init(), repositories: [String] = [],
        createdAt: Date = .distantPast
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.workflow = workflow
        self.agent = agent
        self.environment = environment
        self.repositories = repositories
        self.createdAt = createdAt
    }
}

/// How worktrees of a project's repositories are prepared, where the repository says nothing itself.
package struct ProjectEnvironment: Sendable, Hashable, Codable {
    package var setup: String?
    package var teardown: String?
    /// Folders that a set-up fills, as `node_modules=package-lock.json`.
    package var dependencies: [String]?

    package init(setup: String? = nil, teardown: String? = nil, dependencies: [String]? = nil) {
        self.setup = setup
        self.teardown = teardown
        self.dependencies = dependencies
    }
}

extension RepositorySettings {
    /// The settings completed by those of the repository's project.
    package func completed(by project: ProjectRecord?) -> RepositorySettings {
        guard let project else { return self }
        var settings = self
        settings.workflow = workflow ?? project.workflow
        settings.agent = agent ?? project.agent
        settings.setup = setup ?? project.environment.setup
        settings.teardown = teardown ?? project.environment.teardown
        settings.dependencies = dependencies ?? project.environment.dependencies
        return settings
    }
}
