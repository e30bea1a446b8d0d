import Foundation
import Git
import RunnerCore

/// What a person's own Git configuration says that the runner's commits follow.
struct PersonalGit: Sendable {
    /// As `user.name` and `user.email` have it, else `runner`.
    let author: CommitAuthor
    /// The file of patterns that Git ignores in all of the person's repositories; it may not be there.
    let excludesFile: String?

    private static let excludesLimit = 1 << 20

    /// Asks `git config` outside of every repository, so that only the person's own configuration is read.
    static func read(environment: [String: String]) async -> PersonalGit {
        let git = GitCommand(transports: "none", environment: environment)
        let shown = try? await git.run(
            ["config", "--null", "--get-regexp", "^(user\\.(name|email)|core\\.excludesfile)$"], in: "/")
        var values: [String: String] = [:]
        for entry in shown?.standardOutput.split(separator: "\0") ?? [] {
            guard let end = entry.firstIndex(of: "\n") else { continue }
            values[entry[..<end].lowercased()] = String(entry[entry.index(after: end)...])
        }
        let given = CommitAuthor(checking: environment["GIT_AUTHOR_NAME"], environment["GIT_AUTHOR_EMAIL"])
        return PersonalGit(
            author: given ?? CommitAuthor(checking: values["user.name"], values["user.email"]) ?? .runner,
            excludesFile: excludesFile(values["core.excludesfile"], environment))
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
