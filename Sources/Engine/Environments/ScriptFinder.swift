import BlockingIO
import Crypto
import Foundation
import Git
import RunnerCore

/// Finds what prepares a new worktree: what a person set, else what the repository brings and a person allowed.
struct ScriptFinder: Sendable {
    let repository: Repository
    let hub: Hub

    /// No set-up is longer.
    static let sizeLimit = 256 << 10

    init(_ repository: Repository, home: RunnerHome) {
        self.repository = repository
        hub = Hub(path: home.hub(repository.id.description))
    }

    /// Nil when nothing is to be done; throws `wrongState`, with how to allow it, for a script that nobody allowed.
    func find(_ base: Base, on lane: BlockingLane) async throws -> EnvironmentScripts? {
        let own = repository.settings
        let brought = try await lane.run { try self.brought(base.commit) }
        let scripts = EnvironmentScripts(
            setup: own.setup ?? brought?.scripts.setup, teardown: own.teardown ?? brought?.scripts.teardown,
            dependencies: own.dependencies.map(Self.dependencies) ?? brought?.scripts.dependencies ?? [:],
            sha256: brought?.scripts.sha256)
        let isForeign =
            (own.setup == nil && brought?.scripts.setup != nil)
            || (own.teardown == nil && brought?.scripts.teardown != nil)
        if isForeign, let hash = scripts.sha256, own.allowedScripts?.contains(hash) != true {
            throw EngineError(
                .wrongState,
                "\"\(repository.name)\" brings scripts in \(EnvironmentScripts.file) that nobody has allowed here",
                hint:
                    "read them with runner repo scripts \(repository.name)\(base.name.map { " --base \($0)" } ?? ""), "
                    + "then allow them with runner repo allow \(repository.name) \(hash), "
                    + "or start without them with --no-setup")
        }
        let isEmpty = scripts.setup == nil && scripts.teardown == nil && scripts.dependencies.isEmpty
        return isEmpty ? nil : scripts
    }

    /// The repository's file in a commit with its content; nil when it has none.
    func brought(_ commit: ObjectID) throws -> (scripts: EnvironmentScripts, text: [UInt8])? {
        let name = EnvironmentScripts.file
        guard let text = try hub.open().file(name, in: commit, limit: Self.sizeLimit) else { return nil }
        let hash = SHA256.hash(data: text).hexadecimal
        do {
            return (try EnvironmentScripts(yaml: text, sha256: hash), text)
        } catch {
            throw EngineError(
                .wrongState,
                "the file \(name) of \"\(repository.name)\" cannot be used: \(error.errors.first?.description ?? "")",
                hint: "correct it, or start without it with --no-setup")
        }
    }

    /// `folder=file` pairs, which `RepositoryChange` has checked.
    private static func dependencies(_ pairs: [String]) -> [String: String] {
        Dictionary(pairs.compactMap(EnvironmentScripts.dependency)) { $1 }
    }
}
