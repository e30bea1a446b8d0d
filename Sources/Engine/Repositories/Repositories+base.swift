import BlockingIO
import Git
import RunnerCore

extension Repositories {
    /// Finds the commit a task starts from: what was asked for, else the repository's branch.
    ///
    /// For a path that is where HEAD stands in the checkout that was named. A branch that is missing or means two
    /// things is an error that names the choices.
    func base(of repository: Repository, requested: String?, typed: String) async throws -> Base {
        if let requested, let problem = RevisionName.validate(requested) {
            throw EngineError(.noSuchBase, "\"\(requested)\" cannot name a base: \(problem)", hint: nil)
        }
        let hub = hub(of: repository)
        let wanted = try await wantedName(repository, requested: requested, typed: typed)
        return try await lane.run {
            let git = try hub.open()
            switch wanted {
            case .commit(let commit): return Base(commit: commit, name: nil)
            case .name(let name): return try BaseFinder(repository: repository.name, name: name).find(in: git)
            case .branch(let name):
                return try BaseFinder(repository: repository.name, name: name, isBranch: true).find(in: git)
            case .unborn(let name): throw try BaseFinder(repository: repository.name, name: name ?? "HEAD").unborn(git)
            }
        }
    }

    /// Throws when a partial clone lacks files that a checkout of the base writes.
    func requireFiles(of base: Base, in repository: Repository) async throws {
        let hub = hub(of: repository)
        let sparse = repository.settings.sparsePatterns
        let lacked = try await lane.run {
            hub.isPartial ? try hub.lackedFile(of: base.commit, sparse: sparse) : nil
        }
        guard let lacked else { return }
        throw EngineError(
            .unreachableRepository,
            "\"\(repository.url)\" is a partial clone that lacks files of \(base.commit.short), as \(lacked)",
            hint: "check that commit out there once, which fetches them, or register its origin's URL")
    }

    private enum Wanted: Sendable {
        /// What a person named: a branch, a tag or a commit.
        case name(String)
        /// The branch that a HEAD is on, or that the repository's settings name; a tag may be called the same.
        case branch(String)
        case commit(ObjectID)
        /// HEAD is on a branch, where it is known which, that has no commit.
        case unborn(String?)
    }

    private func wantedName(_ repository: Repository, requested: String?, typed: String) async throws -> Wanted {
        // As git has it: where the checkout stands, or the remote's default branch, whatever the settings say.
        let isHead = requested == "HEAD"
        if let requested, !isHead { return .name(requested) }
        if let branch = repository.settings.branch, !isHead { return .branch(branch) }
        guard repository.isLocal else {
            return repository.defaultBranch.map { .branch($0) } ?? .unborn(nil)
        }
        return try await lane.run {
            // A linked worktree that was typed, in whatever way, has a HEAD of its own; a name means the repository.
            let origin: LocalOrigin
            let place = typed == repository.name ? nil : try? RepositoryLocation.read(typed, policy: URLPolicy())
            if case .local(let named)? = place, named.commonDirectory == repository.originDirectory {
                origin = named
            } else {
                do {
                    origin = try Repositories.origin(of: repository)
                } catch {
                    // Where it had to be there, the fetch before has failed; --no-fetch takes what the clone knows.
                    guard let branch = repository.defaultBranch else { throw error }
                    return .branch(branch)
                }
            }
            switch try origin.head() {
            case .branch(let name, _?): return .branch(String(name.dropFirst("refs/heads/".count)))
            case .detached(let commit): return .commit(commit)
            case .branch(let name, nil): return .unborn(String(name.dropFirst("refs/heads/".count)))
            }
        }
    }
}
