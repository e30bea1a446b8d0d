import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

extension Repositories {
    /// Makes sure that this host has a hub that is whole, fetches, and stores when.
    ///
    /// In `server` mode a repository may have been registered on another host. With `asksHead` a remote is asked for its
    /// default branch too; without, only where HEAD there is at another commit than the branch that is known, for it costs
    /// another connection. One that was moved since `repository` was read is fetched from its new place.
    func fetch(
        _ repository: Repository, asksHead: Bool = false, progress: @escaping ProgressHandler
    ) async throws -> Repository {
        var current = repository
        while true {
            do {
                let fetched = try await fetchFromItsPlace(current, asksHead: asksHead, progress: progress)
                if try await store.noteFetch(of: fetched) { return fetched }
            } catch {
                // The old place may be gone as soon as the new one is known.
                guard let now = try? await store.repository(repository.id), now.url != current.url else { throw error }
            }
            current = try await store.repository(repository.id)
            // The caller's may have been completed by a project's.
            current.settings = repository.settings
        }
    }

    private func fetchFromItsPlace(
        _ repository: Repository, asksHead: Bool, progress: @escaping ProgressHandler
    ) async throws -> Repository {
        let hub = hub(of: repository)
        // Two fetches at once into one hub fail over each other's reference locks.
        let lock = try await RegistrationLock.take(in: home, identity: repository.identity)
        defer { lock.release() }
        _ = try await lane.run { try hub.repairFolders() }
        return try await refresh(repository, asksHead: asksHead, progress: progress)
    }

    /// Brings the hub up to date with the origin; the row is not stored.
    func refresh(
        _ repository: Repository, asksHead: Bool = false, progress: @escaping ProgressHandler
    ) async throws -> Repository {
        var fetched = repository
        if repository.isLocal {
            let origin = try await lane.run { try Repositories.origin(of: repository) }
            fetched.defaultBranch = try await mirror(origin, repository) ?? repository.defaultBranch
        } else {
            progress(.fetching("fetching \(repository.name)"))
            try await checkConnection(repository)
            try await fetchRemote(repository, into: hub(of: repository), progress: progress)
            let isKnown = try await isAtHead(repository.defaultBranch, of: repository)
            if asksHead || !isKnown {
                fetched.defaultBranch = try await remoteHead(repository) ?? repository.defaultBranch
            }
        }
        fetched.fetchedAt = Date()
        try await pointHead(of: repository, to: fetched.defaultBranch)
        return fetched
    }

    /// Whether the branch was there at the last fetch, where HEAD was; an origin changes its default branch now and then.
    ///
    /// Two branches at one commit are not told apart until one goes on, and before that it makes no difference.
    private func isAtHead(_ branch: String?, of repository: Repository) async throws -> Bool {
        guard let branch else { return false }
        let hub = hub(of: repository)
        return try await lane.run {
            let git = try hub.open()
            guard let tip = try git.reference("refs/remotes/origin/\(branch)") else { return false }
            return try git.reference(Repositories.headReference) == tip
        }
    }

    private func pointHead(of repository: Repository, to branch: String?) async throws {
        guard let branch else { return }
        let hub = hub(of: repository)
        try await lane.run {
            if let commit = try hub.open().reference("refs/remotes/origin/\(branch)") {
                try hub.pointHead(at: commit)
            }
        }
    }

    /// The repository at the path that it was registered by; throws where it is not there any more.
    static func origin(of repository: Repository) throws -> LocalOrigin {
        let advice = "if it was moved: runner repo update \(repository.name) --url <its new path>"
        let location: RepositoryLocation
        do {
            location = try RepositoryLocation.read(repository.url, policy: URLPolicy())
        } catch let error as EngineError where error.code == .notARepository {
            throw EngineError(error.code, error.message, hint: advice)
        }
        guard case .local(let origin) = location else {
            throw EngineError(.notARepository, "\"\(repository.url)\" is no path", hint: nil)
        }
        guard origin.commonDirectory == repository.originDirectory else {
            throw EngineError(
                .unreachableRepository, "\"\(repository.url)\" is another repository now", hint: advice)
        }
        return origin
    }

    private func mirror(_ origin: LocalOrigin, _ repository: Repository) async throws -> String? {
        let hub = hub(of: repository)
        do {
            return try await lane.run {
                _ = try origin.mirror(into: hub)
                guard case .branch(let name, _?) = try origin.head() else { return nil }
                return String(name.dropFirst("refs/heads/".count))
            }
        } catch let error as GitError {
            if error.code == .diskFull { throw error }
            throw EngineError(
                .unreachableRepository, "the repository at \"\(repository.url)\" cannot be copied: \(error.message)",
                hint: "run git fsck there")
        }
    }

    /// The effective URL, after the user's own `insteadOf` rules, must pass the policy too, and so must its addresses.
    func checkConnection(_ repository: Repository) async throws {
        let git = command(for: repository)
        let shown = try await git.run(["ls-remote", "--get-url", "--", repository.url], in: "/")
        let effective = shown.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        let verdict = policy.check(effective.isEmpty ? repository.url : effective)
        guard verdict.isAccepted else { throw refusal(of: repository, effective, verdict.reason) }
        let proxied = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            .contains { settings.environment[$0]?.isEmpty == false }
        guard !proxied, let host = verdict.host.map(Repositories.bareHost) else { return }
        try await lane.run { [policy] in try ConnectGuard.check(host: host, policy: policy) }
    }

    private func refusal(of repository: Repository, _ effective: String, _ reason: URLRefusal?) -> EngineError {
        let why = reason.map { " (\($0.rawValue))" } ?? ""
        guard !effective.isEmpty, effective != repository.url else {
            return EngineError(
                .refusedURL, "the repository's URL \"\(repository.url)\" is refused here\(why)",
                hint: "what allows it has to be set where the run goes on, too: end the daemon, and start it with that")
        }
        return EngineError(
            .refusedURL, "your Git configuration rewrites the repository's URL to one that is refused\(why)",
            hint: "remove that url.*.insteadOf rule")
    }

    static func bareHost(_ hostAndPort: String) -> String {
        if hostAndPort.hasPrefix("["), let end = hostAndPort.firstIndex(of: "]") {
            return String(hostAndPort[hostAndPort.index(after: hostAndPort.startIndex)..<end])
        }
        return String(hostAndPort.prefix { $0 != ":" })
    }

    func command(for repository: Repository) -> GitCommand {
        let url = repository.url
        let transports =
            url.hasPrefix("https:")
            ? "https"
            : url.hasPrefix("http:") ? "http" : url.hasPrefix("git:") ? "git" : repository.isLocal ? "file" : "ssh"
        return GitCommand(transports: transports, environment: settings.environment)
    }

    /// Where HEAD of an origin was at the last fetch; that it is fetched with the branches costs nothing.
    private static let headReference = "refs/runner/origin-head"

    /// Takes all branches of the repository's URL, and where HEAD is, into `hub`.
    func fetchRemote(_ repository: Repository, into hub: Hub, progress: @escaping ProgressHandler) async throws {
        let branches = "+refs/heads/*:refs/remotes/origin/*"
        let head = "+HEAD:\(Self.headReference)"
        let messages = try await fetchRemote(repository, into: hub, [branches, head], progress: progress)
        guard let messages else { return }
        // HEAD is on a branch without a commit.
        guard messages.contains("couldn't find remote ref HEAD") else {
            throw Repositories.unreachable(repository, messages)
        }
        try await fetchRemote(repository, into: hub, references: branches, progress: progress)
    }

    /// Takes `references` of the repository's URL into `hub`.
    func fetchRemote(
        _ repository: Repository, into hub: Hub, references: String, progress: @escaping ProgressHandler
    ) async throws {
        let messages = try await fetchRemote(repository, into: hub, [references], progress: progress)
        if let messages { throw Repositories.unreachable(repository, messages) }
    }

    /// Returns what git said where it failed.
    private func fetchRemote(
        _ repository: Repository, into hub: Hub, _ references: [String], progress: @escaping ProgressHandler
    ) async throws -> String? {
        // What an agent may have written there would be obeyed.
        _ = try await lane.run { try hub.resetConfiguration() }
        let result = try await command(for: repository).run(
            [
                "fetch", "--progress", "--prune", "--no-auto-gc", "--no-recurse-submodules", "--no-write-fetch-head",
                "--", repository.url,
            ] + references,
            in: hub.path
        ) { progress(.fetching($0)) }
        return result.status == 0 ? nil : result.messages
    }

    private func remoteHead(_ repository: Repository) async throws -> String? {
        let result = try await command(for: repository).run(
            ["ls-remote", "--symref", "--", repository.url, "HEAD"], in: hub(of: repository).path)
        guard result.status == 0 else { throw Repositories.unreachable(repository, result.messages) }
        for line in result.standardOutput.split(separator: "\n") where line.hasPrefix("ref: refs/heads/") {
            return line.dropFirst("ref: refs/heads/".count).split(separator: "\t").first.map(String.init)
        }
        return nil
    }

    /// Undoes what an agent may have written into the configuration that all worktrees of the hub share.
    func secureHub(_ repository: Repository) async throws {
        let hub = hub(of: repository)
        _ = try await lane.run { try hub.resetConfiguration() }
    }

    static func unreachable(_ repository: Repository, _ messages: String) -> EngineError {
        let lines = messages.split(separator: "\n").map(String.init)
        let last = lines.lastIndex { $0.hasPrefix("fatal:") } ?? lines.indices.last
        // What did not answer is in one line, and why in the next.
        let cause =
            last.map { lines[$0...].prefix(lines[$0].hasSuffix(":") ? 2 : 1).joined(separator: " ") }
            ?? "git gave no reason"
        let redirected = messages.contains("redirect") || messages.contains("error: 30")
        return EngineError(
            .unreachableRepository,
            "\"\(repository.name)\" cannot be fetched: \(cause.replacingOccurrences(of: "fatal: ", with: ""))",
            hint: redirected
                ? "the server redirects elsewhere; runner repo update \(repository.name) --url <its new URL>"
                : "check the URL, the network and your credentials with: git ls-remote \(repository.url)")
    }
}
