import Foundation
import Git
import RunnerCore

/// What a person typed for a repository, understood: a URL that the policy accepts, or a repository on this machine.
enum RepositoryLocation: Sendable {
    case remote(url: String, verdict: URLVerdict)
    case local(LocalOrigin)

    /// Understands `text`; a path is accepted here because a person at a shell typed it.
    ///
    /// Throws `refusedURL` or `notARepository`. Reads the disk for a path.
    static func read(_ text: String, policy: URLPolicy) throws -> RepositoryLocation {
        let trimmed = place(in: text)
        if looksLikePath(trimmed) { return try local(trimmed, shown: text) }
        let verdict = policy.check(text)
        if verdict.isAccepted, let url = verdict.normalized { return .remote(url: url, verdict: verdict) }
        // "project" may be a folder here; anything with a scheme or a host is judged as a URL alone.
        if !trimmed.isEmpty, !trimmed.contains(":"),
            FileManager.default.fileExists(atPath: RunnerHome.absolute(trimmed))
        {
            return try local(trimmed, shown: text)
        }
        let reason = verdict.reason
        if reason == .relativePath, !trimmed.isEmpty {
            throw EngineError(
                .notARepository, "no repository is registered as \"\(trimmed)\", and there is no such folder here",
                hint: "see runner repo list, or give a path or a URL such as https://host/owner/name")
        }
        throw EngineError(
            .refusedURL,
            reason.map { "the repository is refused (\($0.rawValue)): \($0.explanation)" }
                ?? "the repository is refused",
            hint: nil)
    }

    /// `text` without the spaces around it, which come with pasting, unless there is a folder with them in its name.
    private static func place(in text: String) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed != text, !trimmed.isEmpty else { return trimmed }
        return FileManager.default.fileExists(atPath: RunnerHome.absolute(text)) ? text : trimmed
    }

    static func looksLikePath(_ text: String) -> Bool {
        text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") || text == "." || text == ".."
            || text.hasPrefix("~/")
    }

    private static func local(_ text: String, shown: String) throws -> RepositoryLocation {
        guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw EngineError(.notARepository, "the path holds a control character", hint: "give another path")
        }
        let expanded = text.hasPrefix("~/") ? NSString(string: text).expandingTildeInPath : text
        let path = RunnerHome.absolute(expanded)
        guard FileManager.default.fileExists(atPath: path) else {
            throw EngineError(.notARepository, "there is nothing at \"\(path)\"", hint: "check the path")
        }
        if let origin = try discover(path) { return .local(origin) }
        throw EngineError(
            .notARepository, "\"\(path)\" is not in a Git repository", hint: "run git init and commit there first")
    }

    private static func discover(_ path: String) throws -> LocalOrigin? {
        do throws(GitError) {
            return try LocalOrigin.discover(at: path)
        } catch {
            let isSHA256 = error.message.contains("objectformat")
            let cause = isSHA256 ? "its objects are named by SHA-256, which is not supported" : error.message
            throw EngineError(.notARepository, "the repository at \"\(path)\" cannot be read: \(cause)", hint: nil)
        }
    }

    /// What identifies the repository in the database.
    var identity: String {
        switch self {
        case .remote(let url, let verdict): verdict.identity ?? url
        case .local(let origin): "path:\(origin.commonDirectory)"
        }
    }

    var url: String {
        switch self {
        case .remote(let url, _): url
        case .local(let origin): origin.registeredPath
        }
    }

    var suggestedName: String {
        switch self {
        case .remote(_, let verdict): return verdict.name ?? "repository"
        case .local(let origin):
            let last = origin.registeredPath.split(separator: "/").last.map(String.init) ?? "repository"
            return last.hasSuffix(".git") && last.count > 4 ? String(last.dropLast(4)) : last
        }
    }

    /// A repository row that is not stored yet.
    func record(name: String) -> Repository {
        switch self {
        case .remote(let url, let verdict):
            return Repository(
                name: name, url: url, identity: identity, host: verdict.host ?? "", owner: verdict.owner ?? "")
        case .local(let origin):
            return Repository(name: name, url: origin.registeredPath, identity: identity, host: "", owner: "")
        }
    }
}

extension LocalOrigin {
    /// The folder a person knows the repository by: the main checkout, or the bare repository itself.
    var registeredPath: String {
        guard commonDirectory.hasSuffix("/.git") else { return mainCheckout ?? commonDirectory }
        return String(commonDirectory.dropLast("/.git".count))
    }
}
