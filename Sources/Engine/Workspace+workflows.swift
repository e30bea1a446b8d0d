import BlockingIO
import Foundation
import Git
package import RunnerCore
import Store

extension Workspace {
    /// Where `.runner/workflows` of a registered repository is looked into; nothing is fetched.
    package func workflowPlace(_ repository: String, base: String?) async throws -> WorkflowPlace {
        let found = try await repositories.registered(repository)
        return WorkflowPlace(
            repository: found, base: try await repositories.base(of: found, requested: base, typed: repository))
    }

    /// Every workflow that a name can mean, in the order in which they are looked for.
    package func workflowEntries(in place: WorkflowPlace?) async throws -> [WorkflowEntry] {
        let finder = workflows
        let records = Dictionary(
            try await store.workflows().map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var found: [(String, WorkflowCatalog.Unread?, String?)] = finder.catalog.userNames.map { name in
            do {
                return (name, try finder.catalog.user(name), nil)
            } catch {
                return (name, nil, "\(error)")
            }
        }
        for record in records.values.sorted(by: { $0.name < $1.name }) {
            guard let text = try await store.workflowText(record.name, version: nil) else { continue }
            found.append(
                (
                    record.name,
                    .init(
                        origin: "\(record.name)@\(text.version)", bytes: Array(text.source.utf8), kind: .database,
                        version: text.version), nil
                ))
        }
        let brought = place.map { RepositoryWorkflows($0, home: home) }
        if let brought {
            found += try await lane.run { () -> [(String, WorkflowCatalog.Unread?, String?)] in
                try brought.names().map { name in
                    do {
                        return (name, try brought.read(name), nil)
                    } catch {
                        return (name, nil, "\(error)")
                    }
                }
            }
        }
        found += WorkflowCatalog.bundledNames.map { ($0, finder.catalog.bundled($0), nil) }
        var seen: Set<String> = []
        return found.map { name, unread, problem in
            entry(name, unread, problem, records, brought, isHidden: !seen.insert(name).inserted)
        }
    }

    private func entry(
        _ name: String, _ unread: WorkflowCatalog.Unread?, _ problem: String?, _ records: [String: WorkflowRecord],
        _ brought: RepositoryWorkflows?, isHidden: Bool
    ) -> WorkflowEntry {
        var problem = problem
        var definition: WorkflowDefinition?
        do {
            definition = try unread?.read().definition
        } catch let errors as WorkflowErrors {
            problem = errors.errors.first?.description
        } catch {
            problem = "\(error)"
        }
        let record = records[definition?.name ?? name]
        let checksum =
            unread?.kind == .repository ? unread.map { WorkflowCatalog.checksum($0.bytes) } : nil
        return WorkflowEntry(
            name: name, origin: unread?.kind ?? .user, status: record?.status ?? .active,
            version: unread?.version, tags: unread?.kind == .database ? record?.tags ?? [] : [],
            description: definition?.description, isAllowed: checksum.flatMap { brought?.isAllowed($0) },
            sha256: checksum, problem: problem, isHidden: isHidden)
    }

    /// Publishes a file as the newest version of the workflow that it names.
    package func publishWorkflow(
        _ file: String, tags: [String]?, isDraft: Bool
    ) async throws -> (record: WorkflowRecord, version: Int, isNew: Bool) {
        let found = try await workflows.find(file)
        if let problem = WorkflowReference.problem(withName: found.name) {
            throw EngineError(.invalidArgument, "\"\(found.name)\" cannot be published: \(problem)", hint: "rename it")
        }
        let known = try await store.workflow(named: found.name)
        if known?.status == .archived {
            throw EngineError(
                .wrongState, "the workflow \"\(found.name)\" is archived and gets no new versions",
                hint: "make it active first with runner workflow activate \(found.name)")
        }
        let isPublished = known?.currentVersion != nil
        if isDraft, isPublished, known?.status != .draft {
            throw EngineError(
                .wrongState,
                "the workflow \"\(found.name)\" is \(known?.status.rawValue ?? "active") and no draft any more",
                hint: "publish it without --draft, or under another name")
        }
        let status: WorkflowStatus? = isDraft ? .draft : known?.status == .draft ? .active : nil
        let (version, isNew) = try await store.publishWorkflow(
            name: found.name, source: found.source, definition: try JSONValue(encoding: found.definition),
            author: settings.environment["USER"] ?? "runner", description: found.definition.description ?? "",
            tags: tags, status: status)
        guard let record = try await store.workflow(named: found.name) else {
            throw StoreError.notFound(kind: "workflow", text: found.name)
        }
        return (record, version, isNew)
    }

    /// Changes whether a workflow can be started; runs that exist go on as they are.
    package func setWorkflowStatus(_ name: String, _ status: WorkflowStatus) async throws -> WorkflowRecord {
        var wanted = name
        if try await store.workflow(named: name) == nil {
            // One that nobody has run yet: its file says how it is called.
            wanted = try await workflows.find(name).name
        }
        try await store.setWorkflowStatus(wanted, status)
        guard let record = try await store.workflow(named: wanted) else {
            throw StoreError.notFound(kind: "workflow", text: wanted)
        }
        return record
    }

    /// The versions that the database holds, the newest first.
    package func workflowHistory(_ name: String) async throws -> (WorkflowRecord, [WorkflowVersionRecord]) {
        guard let record = try await store.workflow(named: name) else {
            let known = try await store.workflows().map(\.name)
            let near = Suggestion.closest(to: name, among: known)
            throw EngineError(
                .unknownWorkflow, "the database has no version of a workflow \"\(name)\"",
                hint: near.map { "did you mean \"\($0)\"?" }
                    ?? "a version is kept when it is published or run; see runner workflow list")
        }
        return (record, try await store.workflowVersions(of: name))
    }

    /// What differs between two workflows: their texts as a unified diff, and their steps.
    package func workflowDifference(
        _ old: String, _ new: String, in place: WorkflowPlace?
    ) async throws -> (patch: [UInt8], comparison: WorkflowComparison) {
        let one = try await workflows.find(old, in: place)
        let other = try await workflows.find(new, in: place)
        let patch = try await lane.run {
            try Git.Diff.text(
                from: Array(one.source.utf8), named: one.origin, to: Array(other.source.utf8), named: other.origin)
        }
        return (patch, WorkflowComparison(from: one.definition, to: other.definition))
    }
}
