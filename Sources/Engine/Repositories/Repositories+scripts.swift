import BlockingIO
import Git
package import RunnerCore
import Store

extension Repositories {
    /// What the repository brings at a base; nil when it brings no scripts there.
    package func scripts(of repository: Repository, base requested: String?) async throws -> BroughtScripts? {
        let base = try await base(of: repository, requested: requested, typed: repository.url)
        let finder = ScriptFinder(repository, home: home)
        guard let (scripts, text) = try await lane.run({ try finder.brought(base.commit) }), let hash = scripts.sha256
        else { return nil }
        return BroughtScripts(
            file: EnvironmentScripts.file, sha256: hash,
            isAllowed: repository.settings.allowedScripts?.contains(hash) == true,
            text: String(decoding: text, as: UTF8.self))
    }

    /// Allows the very file of this SHA-256 to be run, or takes that back.
    package func allow(_ repository: Repository, sha256: String, isWithdrawn: Bool) async throws -> Repository {
        guard sha256.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
            throw EngineError(
                .invalidArgument, "\"\(sha256.prefix(80))\" is no SHA-256",
                hint: "copy it from runner repo scripts \(repository.name)")
        }
        return try await store.changeRepository(repository.id) { changed in
            var allowed = (changed.settings.allowedScripts ?? []).filter { $0 != sha256 }
            if !isWithdrawn { allowed.append(sha256) }
            changed.settings.allowedScripts = allowed.isEmpty ? nil : Array(allowed.suffix(100))
        }
    }
}
