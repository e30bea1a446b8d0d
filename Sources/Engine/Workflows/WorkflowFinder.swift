import BlockingIO
import RunnerCore
import Store

/// Finds the workflow that a name means, in every source; docs/workflows.md has the order.
package struct WorkflowFinder: Sendable {
    let catalog: WorkflowCatalog
    let store: Store
    let home: RunnerHome
    let lane: BlockingLane

    /// The workflow to look at: nobody needs to have allowed it.
    package func find(_ text: String, in place: WorkflowPlace? = nil) async throws -> WorkflowCatalog.Found {
        guard let unread = try await unread(text, in: place) else {
            throw WorkflowCatalog.unknown(text, known: try await names(in: place))
        }
        return try unread.read()
    }

    /// The workflow to start: a repository's was allowed, and its status lets it be started.
    package func startable(_ text: String, in place: WorkflowPlace?) async throws -> WorkflowCatalog.Found {
        guard let unread = try await unread(text, in: place) else {
            throw WorkflowCatalog.unknown(text, known: try await names(in: place))
        }
        if unread.kind == .repository, let place {
            try RepositoryWorkflows(place, home: home).checkAllowed(unread, named: Self.name(text))
        }
        var found = try unread.read()
        let standing = try await store.workflowStanding(found.name, source: found.source)
        try Self.check(standing.status ?? .active, of: found, asked: text)
        found.frozen = standing.version
        return found
    }

    /// The workflows that `definition` calls, and those that they call, by name; each can be started.
    func called(
        by definition: WorkflowDefinition, in place: WorkflowPlace?
    ) async throws -> [String: WorkflowCatalog.Found] {
        var found: [String: WorkflowCatalog.Found] = [:]
        var wanted = definition.calledNames
        while let name = wanted.popLast() {
            guard found[name] == nil else { continue }
            let workflow = try await startable(name, in: place)
            found[name] = workflow
            wanted += workflow.definition.calledNames
        }
        return found
    }

    /// Why no workflow can be called by this name, as one sentence; nil where there is one.
    package func problem(withCall name: String, in place: WorkflowPlace?) async throws -> String? {
        do {
            if try await unread(name, in: place) != nil { return nil }
        } catch let error as EngineError {
            return error.description
        }
        let near = Suggestion.closest(to: name, among: try await names(in: place))
        return "there is no workflow \"\(name)\""
            + (near.map { ", did you mean \"\($0)\"?" }
                ?? (place == nil ? "; those of a repository are found with --repo" : ""))
    }

    /// The names that can be found, sorted.
    func names(in place: WorkflowPlace?) async throws -> [String] {
        var names = Set(catalog.userNames).union(WorkflowCatalog.bundledNames)
        names.formUnion(try await store.workflows().filter { $0.currentVersion != nil }.map(\.name))
        if let place {
            let brought = RepositoryWorkflows(place, home: home)
            names.formUnion(try await lane.run { try brought.names() })
        }
        return names.sorted()
    }

    private func unread(_ text: String, in place: WorkflowPlace?) async throws -> WorkflowCatalog.Unread? {
        switch WorkflowReference(text) {
        case .path(let path): return try catalog.file(path)
        case .version(let name, let number): return try await database(name, version: number)
        case .source(.repository, let name):
            guard let place else {
                throw EngineError(
                    .invalidArgument, "\"\(text)\" needs a repository", hint: "name it with --repo")
            }
            return try await repository(name, place)
        case .source(.user, let name): return try catalog.user(name)
        case .source(.database, let name): return try await database(name, version: nil)
        case .source(_, let name): return catalog.bundled(name)
        case .name(let name):
            if let own = try catalog.user(name) { return own }
            if let published = try await database(name, version: nil) { return published }
            if let place, let brought = try await repository(name, place) { return brought }
            return catalog.bundled(name)
        }
    }

    private func database(_ name: String, version: Int?) async throws -> WorkflowCatalog.Unread? {
        if let found = try await store.workflowText(name, version: version) {
            return WorkflowCatalog.Unread(
                origin: "\(name)@\(found.version)", bytes: Array(found.source.utf8), kind: .database,
                version: found.version)
        }
        guard let version, let newest = try await store.workflowVersions(of: name).first else { return nil }
        throw EngineError(
            .unknownWorkflow, "the workflow \"\(name)\" has no version \(version)",
            hint: "its newest is \(newest.version); see runner workflow history \(name)")
    }

    private func repository(_ name: String, _ place: WorkflowPlace) async throws -> WorkflowCatalog.Unread? {
        let brought = RepositoryWorkflows(place, home: home)
        return try await lane.run { try brought.read(name) }
    }

    private static func name(_ text: String) -> String {
        if case .source(_, let name) = WorkflowReference(text) { return name }
        return text
    }

    static func check(_ status: WorkflowStatus, of found: WorkflowCatalog.Found, asked text: String) throws {
        let again = "make it active with runner workflow activate \(found.name)"
        switch status {
        case .active: return
        case .draft:
            if case .version = WorkflowReference(text) { return }
            if found.kind != .database { return }
            throw EngineError(
                .wrongState, "the workflow \"\(found.name)\" is a draft and is only started by version",
                hint: "try it with --workflow \(found.name)@\(found.version ?? 1), or \(again)")
        case .paused, .archived:
            throw EngineError(
                .wrongState, "the workflow \"\(found.name)\" is \(status.rawValue) and cannot be started", hint: again)
        }
    }
}
