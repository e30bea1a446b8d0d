package import RunnerCore
import Store

extension Workspace {
    /// Makes a project with what `change` says of it.
    package func addProject(named name: String, _ change: ProjectChange) async throws -> ProjectRecord {
        var change = change
        change.name = name
        let project = try await checked(change, ProjectRecord(name: name))
        let (added, _) = try await repositories(of: change, in: project)
        try await store.addProject(project)
        try await store.setProject(project.id, of: added)
        return try await store.project(named: project.name)
    }

    /// Changes a project; nothing is changed when a part of it cannot be.
    package func changeProject(named name: String, _ change: ProjectChange) async throws -> ProjectRecord {
        let known = try await store.project(named: name)
        let project = try await checked(change, known)
        let (added, removed) = try await repositories(of: change, in: known)
        try await store.updateProject(project)
        try await store.setProject(nil, of: removed)
        try await store.setProject(project.id, of: added)
        return try await store.project(named: project.name)
    }

    private func repositories(
        of change: ProjectChange, in project: ProjectRecord
    ) async throws -> (added: [RepositoryID], removed: [RepositoryID]) {
        var (added, removed): ([RepositoryID], [RepositoryID]) = ([], [])
        for text in change.added { added.append(try await repositories.registered(text).id) }
        for text in change.removed {
            let repository = try await repositories.registered(text)
            guard project.repositories.contains(repository.name) else {
                throw EngineError(
                    .wrongState, "the repository \"\(repository.name)\" is not in the project \"\(project.name)\"",
                    hint: "see: runner project show \(project.name)")
            }
            removed.append(repository.id)
        }
        return (added, removed)
    }

    private func checked(_ change: ProjectChange, _ project: ProjectRecord) async throws -> ProjectRecord {
        var changed = project
        if let name = change.name {
            try Repositories.check(name: name, of: "project")
            changed.name = name
        }
        if let text = change.description { changed.description = text }
        if let workflow = change.workflow {
            if !workflow.isEmpty {
                _ = try await workflows.find(workflow)
            }
            changed.workflow = workflow.isEmpty ? nil : workflow
        }
        if let agent = change.agent {
            guard agent.isEmpty || AgentCatalog.names.contains(agent) else { throw AgentCatalog.unknown(agent) }
            changed.agent = agent.isEmpty ? nil : agent
        }
        if let setup = change.setup { changed.environment.setup = setup.isEmpty ? nil : setup }
        if let teardown = change.teardown { changed.environment.teardown = teardown.isEmpty ? nil : teardown }
        if let folders = change.dependencies {
            if let wrong = folders.first(where: { EnvironmentScripts.dependency($0) == nil }) {
                throw EngineError(
                    .invalidArgument, "\"\(wrong)\" is no dependency folder",
                    hint: "write it as node_modules=package-lock.json, both inside the worktree")
            }
            changed.environment.dependencies = folders.isEmpty ? nil : folders
        }
        return changed
    }
}
