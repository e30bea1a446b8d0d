import Foundation
import Git
import RunnerCore

/// What a person's own Git configuration says that the runner's commits follow.
struct PersonalGit: Sendable {
    /// As `user.name` and `user.email` have it, else `runner`.
    let author: CommitAuthor
    /// The file of patterns that Git ignores in all of the person's repositories; it may not be there.
    let excludesFile: String?
    /// Whether the `git` of a step finds the author by itself, in a clone of ours.
    let isFoundInClones: Bool
    /// Whether parts of the configuration count only in some places.
    private let isConditional: Bool

    private static let excludesLimit = 1 << 20
    private static let configurationLimit = 1 << 20

    /// Asks `git config` outside of every repository, so that only the person's own configuration is read.
    static func read(environment: [String: String]) async -> PersonalGit {
        await read(environment: environment, at: [])
    }

    /// The same as it is in a repository on this machine, whose own configuration weighs more.
    ///
    /// Git is asked only where that may say something else, which costs the start of a process, beside `everywhere` where
    /// the repository's files show it.
    static func read(
        _ everywhere: Task<PersonalGit, Never>, within origin: String?, environment: [String: String]
    ) async -> PersonalGit {
        guard let origin else { return await everywhere.value }
        let place = ["--git-dir", origin]
        if mayDiffer(origin) {
            async let own = read(environment: environment, at: place)
            return await own.beside(everywhere.value)
        }
        let general = await everywhere.value
        guard general.isConditional else { return general }
        return await read(environment: environment, at: place).beside(general)
    }

    /// Clones of ours are no place of which the person's configuration says something of its own.
    private func beside(_ general: PersonalGit) -> PersonalGit {
        PersonalGit(
            author: author, excludesFile: excludesFile,
            isFoundInClones: author == general.author && general.isFoundInClones, isConditional: isConditional)
    }

    private static func mayDiffer(_ origin: String) -> Bool {
        ["/config", "/config.worktree"].contains { name in
            guard let bytes = StepFiles.read(origin + name, limit: configurationLimit, followsLinks: true) else {
                return false
            }
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            return ["[user", "[include", "excludesfile"].contains { text.contains($0) }
        }
    }

    private static func read(environment: [String: String], at place: [String]) async -> PersonalGit {
        let git = GitCommand(transports: "none", environment: environment)
        let keys = "^(user\\.(name|email)|core\\.excludesfile|includeif\\..*\\.path)$"
        let shown = try? await git.run(place + ["config", "--includes", "--null", "--get-regexp", keys], in: "/")
        var values: [String: String] = [:]
        for entry in shown?.standardOutput.split(separator: "\0") ?? [] {
            guard let end = entry.firstIndex(of: "\n") else { continue }
            values[entry[..<end].lowercased()] = String(entry[entry.index(after: end)...])
        }
        let configured = CommitAuthor(checking: values["user.name"], values["user.email"])
        let given = CommitAuthor(checking: environment["GIT_AUTHOR_NAME"], environment["GIT_AUTHOR_EMAIL"])
        return PersonalGit(
            author: given ?? configured ?? .runner,
            excludesFile: excludesFile(values["core.excludesfile"], environment),
            isFoundInClones: given != nil || configured != nil,
            isConditional: values.keys.contains { $0.hasPrefix("includeif.") })
    }

    private static func excludesFile(_ configured: String?, _ environment: [String: String]) -> String? {
        guard let configured else {
            return ConfigFolder.path(environment: environment).map { $0 + "/git/ignore" }
        }
        guard configured.hasPrefix("~/") else { return configured.hasPrefix("/") ? configured : nil }
        return environment["HOME"].map { $0 + configured.dropFirst() }
    }

    /// The patterns that the person's Git ignores in `origin`, beside those in its `.gitignore` files.
    func excludes(of origin: String?) -> [UInt8] {
        // In Git's order: the last pattern that matches decides.
        [excludesFile, origin.map { $0 + "/info/exclude" }].compactMap { $0 }
            .compactMap { StepFiles.read($0, limit: Self.excludesLimit, followsLinks: true) }
            .reduce(into: []) { all, text in
                all += text
                if let last = text.last, last != UInt8(ascii: "\n") { all.append(UInt8(ascii: "\n")) }
            }
    }
}
