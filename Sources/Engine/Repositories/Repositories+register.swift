import BlockingIO
import Foundation
import Git
import Glibc
package import RunnerCore
import Store

extension Repositories {
    /// Clones first and stores the row last, so that a failure leaves nothing half-made.
    ///
    /// A lock for each identity lets twenty starts at once on a new repository clone it once.
    func register(
        _ location: RepositoryLocation, name: String?, mustBeNew: Bool, progress: @escaping ProgressHandler
    ) async throws -> Repository {
        try requireNotOurs(location)
        let lock = try await RegistrationLock.take(in: home, identity: location.identity)
        defer { lock.release() }
        if let known = try await store.repositories(matching: location.identity).first {
            guard mustBeNew else { return known }
            throw EngineError(
                .wrongState, "the repository is registered already, as \"\(known.name)\"",
                hint: "use it by that name")
        }
        if case .local(let origin) = location, !mustBeNew,
            case .branch(_, nil) = try await lane.run({ try origin.head() }),
            try await !lane.run({ try origin.hasBranches() })
        {
            throw EngineError(
                .emptyRepository, "the repository at \"\(location.url)\" has no commit yet",
                hint: "commit something first")
        }
        var record = location.record(name: try await freeName(name, location))
        let hub = hub(of: record)
        do {
            _ = try await lane.run { try Hub.create(at: hub.path) }
            record = try await refresh(record, progress: progress)
            return try await store.addRepository(record)
        } catch {
            try? FileManager.default.removeItem(atPath: hub.path)
            throw error
        }
    }

    func requireNotOurs(_ location: RepositoryLocation) throws {
        guard case .local(let origin) = location, origin.commonDirectory.hasPrefix(home.hubs + "/") else { return }
        throw EngineError(
            .notARepository, "\"\(location.url)\" is a worktree of runner, and no repository of yours",
            hint: "name the repository that it is of (runner repo list), with --base for the worktree's branch")
    }

    private func freeName(_ wanted: String?, _ location: RepositoryLocation) async throws -> String {
        let taken = Set(try await store.repositories().map(\.name))
        if let wanted {
            guard !taken.contains(wanted) else {
                throw EngineError(
                    .wrongState, "the name \"\(wanted)\" is taken by another repository", hint: "give another --name")
            }
            return wanted
        }
        let cleaned = String(
            location.suggestedName.unicodeScalars.map { scalar -> Character in
                let isPlain =
                    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                    || ("0"..."9").contains(scalar) || "._-".unicodeScalars.contains(scalar)
                return isPlain ? Character(scalar) : "-"
            })
        let trimmed = String(cleaned.drop { $0 == "-" || $0 == "." }.prefix(80))
        let base = trimmed.isEmpty ? "repository" : trimmed
        guard taken.contains(base) else { return base }
        var number = 2
        while taken.contains("\(base)-\(number)") { number += 1 }
        return "\(base)-\(number)"
    }

    /// Fetches everything and says whether the origin can be used.
    package func verify(_ repository: Repository, progress: @escaping ProgressHandler) async throws -> Repository {
        var checked = repository
        do {
            checked = try await fetch(repository, asksHead: true, progress: progress)
            checked.status = .active
            checked.verifiedAt = Date()
            _ = try await store.noteVerification(of: checked)
            return checked
        } catch let error as EngineError where error.code == .unreachableRepository {
            checked.status = .unreachable
            _ = try await store.noteVerification(of: checked)
            throw error
        }
    }

    /// Changes a name or settings.
    package func update(_ repository: Repository, _ change: RepositoryChange) async throws -> Repository {
        if let name = change.name, !name.isEmpty, name != repository.name {
            try Repositories.check(name: name)
            if try await store.repositories().contains(where: { $0.name == name }) {
                throw EngineError(
                    .wrongState, "the name \"\(name)\" is taken by another repository", hint: "give another --name")
            }
        }
        if let branch = change.defaultBranch, !branch.isEmpty {
            if let problem = BranchName.validate(branch) {
                throw EngineError(.invalidArgument, "\"\(branch)\" is no branch name: \(problem)", hint: nil)
            }
            try await requireBase(branch, in: repository)
        }
        if let agent = change.agent, !agent.isEmpty, !AgentCatalog.names.contains(agent) {
            throw AgentCatalog.unknown(agent)
        }
        if let workflow = change.workflow, !workflow.isEmpty {
            let finder = WorkflowFinder(
                catalog: WorkflowCatalog(environment: settings.environment), store: store, home: home, lane: lane)
            let base = try? await base(of: repository, requested: nil, typed: repository.url)
            _ = try await finder.find(workflow, in: base.map { WorkflowPlace(repository: repository, base: $0) })
        }
        if let wrong = change.dependencies?.first(where: { EnvironmentScripts.dependency($0) == nil }) {
            throw EngineError(
                .invalidArgument, "\"\(wrong)\" is no dependency folder",
                hint: "write it as node_modules=package-lock.json, both inside the worktree")
        }
        return try await store.changeRepository(repository.id) { $0 = change.applied(to: $0) }
    }

    /// Every later start would fail for a name that is nothing. What is not known yet may have come since the last fetch.
    private func requireBase(_ name: String, in repository: Repository) async throws {
        do {
            _ = try await base(of: repository, requested: name, typed: repository.url)
        } catch {
            let fetched = try await fetch(repository, progress: { _ in })
            _ = try await base(of: fetched, requested: name, typed: repository.url)
        }
    }

    /// Forgets a repository and its tasks; returns where its clone went.
    ///
    /// Refused by the store while a task is active or a worktree exists. The clone holds every branch and snapshot, so
    /// it is moved to the trash, never deleted here.
    package func remove(_ repository: Repository) async throws -> String? {
        try await store.removeRepository(repository.id)
        DependencyFolders.delete("\(home.dependencies)/\(repository.id)", beneath: home.dependencies)
        SparePlace(home: home, repository: repository.id).remove()
        let hub = hub(of: repository).path
        guard access(hub, F_OK) == 0 else { return nil }
        let trash = "\(home.trash)/\(repository.name)-\(repository.id).git"
        guard rename(hub, trash) == 0 else {
            throw EngineError(
                .internalFault, "the clone at \"\(hub)\" could not be moved to the trash", hint: "move it by hand")
        }
        return trash
    }
}
