import BlockingIO
import Foundation
import Git
import Glibc
package import RunnerCore
import Store

/// Registers repositories, keeps their hubs up to date and finds the base of a task.
package struct Repositories: Sendable {
    let settings: RunnerSettings
    let home: RunnerHome
    let store: Store
    let lane: BlockingLane

    /// The URL policy with what the operator switched on.
    package static func policy(_ settings: RunnerSettings) -> URLPolicy {
        var allowances: URLPolicy.Allowances = []
        if settings.allowsInsecureURLs { allowances.insert(.insecureSchemes) }
        if settings.allowsPrivateHosts { allowances.insert(.privateHosts) }
        return URLPolicy(allowing: allowances)
    }

    var policy: URLPolicy { Repositories.policy(settings) }

    func hub(of repository: Repository) -> Hub {
        Hub(path: home.hub(repository.id.description))
    }

    /// The one registered repository that `text` means: a name, a URL, a path or the start of an id.
    package func registered(_ text: String) async throws -> Repository {
        if let found = try await find(text) { return found }
        throw EngineError(
            .notARepository, "no repository is registered as \"\(Redaction.redactCredentials(in: text))\"",
            hint: "see runner repo list, or register it with runner repo add")
    }

    /// Registers and clones a repository; one that is known already is returned as it is, unless `name` differs.
    package func add(_ text: String, name: String?, progress: @escaping ProgressHandler) async throws -> Repository {
        try Repositories.checkNotEmpty(text)
        let location = try await lane.run { [policy] in try RepositoryLocation.read(text, policy: policy) }
        if let name { try Repositories.check(name: name) }
        return try await register(location, name: name, mustBeNew: true, progress: progress)
    }

    /// The repository that `text` means, registered on the way when it is new.
    func findOrAdd(_ text: String, progress: @escaping ProgressHandler) async throws -> Repository {
        try Repositories.checkNotEmpty(text)
        if !RepositoryLocation.looksLikePath(text), let known = try await find(text) {
            if let note = try await lane.run({ try Repositories.folderNote(text, besides: known) }) {
                progress(.note(note))
            }
            return known
        }
        let location = try await lane.run { [policy] in try RepositoryLocation.read(text, policy: policy) }
        return try await register(location, name: nil, mustBeNew: false, progress: progress)
    }

    /// What a person should know who named a registered repository where a folder of that name is another one.
    private static func folderNote(_ text: String, besides known: Repository) throws -> String? {
        guard text == known.name, access(text + "/.git", F_OK) == 0,
            let here = try? RepositoryLocation.read("./" + text, policy: URLPolicy()), here.identity != known.identity
        else { return nil }
        return "\(text) is the registered repository at \(known.url); the one in this folder is ./\(text)"
    }

    private func find(_ text: String) async throws -> Repository? {
        let matches = try await store.repositories(matching: text)
        if matches.count == 1 { return matches[0] }
        if matches.count > 1 {
            throw EngineError(
                .notARepository, "\"\(text)\" means \(matches.map(\.name).joined(separator: " and "))",
                hint: "give the name or the whole id")
        }
        let location = try? await lane.run { [policy] in try RepositoryLocation.read(text, policy: policy) }
        guard let location else { return nil }
        return try await store.repositories(matching: location.identity).first
    }

    static func checkNotEmpty(_ text: String) throws {
        guard !text.allSatisfy(\.isWhitespace) else {
            throw EngineError(.invalidArgument, "the repository is empty", hint: "give a URL, a path or a name")
        }
    }

    static func check(name: String, of kind: String = "repository") throws {
        let allowed = name.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || "._-".unicodeScalars.contains($0)
        }
        guard allowed, !name.isEmpty, name.utf8.count <= 100, !name.hasPrefix("-"), !name.hasPrefix(".") else {
            throw EngineError(
                .invalidArgument, "\"\(name)\" cannot be a \(kind)'s name",
                hint: "use letters, digits, dots, dashes and underscores")
        }
    }
}
