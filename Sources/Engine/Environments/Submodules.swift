import BlockingIO
import Crypto
import Foundation
import Git
import Glibc
import RunnerCore

/// Finds the submodules of a repository that asks for them, and keeps their objects in clones of ours.
///
/// The clones are inside the repository's own, one for each URL, and go with it.
struct Submodules: Sendable {
    let repositories: Repositories
    let repository: Repository

    /// Submodules inside submodules, deeper than any real ones.
    static let depthLimit = 16
    /// No `.gitmodules` is longer, in bytes.
    static let sizeLimit = 1 << 20

    /// What holds submodules: the repository at first, then each of them.
    private struct Holder {
        let hub: Hub
        let commit: ObjectID
        let url: String
        /// For people: `project`, `project/lib`.
        let label: String
        /// Git directories on this machine below which `modules/<name>` may have the objects.
        let near: [String]
        let depth: Int
        let sparse: SparsePatterns?
    }

    /// Where objects that are not here yet may come from.
    private enum Source {
        /// The checkout of a local origin, else the network.
        case origin(ProgressHandler)
        /// A worktree in which a step has been at work.
        case step
    }

    var isWanted: Bool { repository.settings.submodules == true }

    /// Brings the objects of all submodules of `commit` here; nothing crosses a network for those that are.
    ///
    /// Throws when one of them is refused, is named nowhere or cannot be had: no step runs on half a tree.
    func fetch(_ commit: ObjectID, progress: @escaping ProgressHandler) async throws -> SubmoduleTree {
        guard isWanted else { return SubmoduleTree() }
        let (url, near) = try await place()
        let holder = Holder(
            hub: repositories.hub(of: repository), commit: commit, url: url, label: repository.name, near: near,
            depth: 0, sparse: repository.settings.sparsePatterns)
        return try await tree(holder, .origin(progress))
    }

    /// Says where submodules stay empty folders, for a build that finds one does not; who said `--no-submodules` knows.
    func noteEmpty(in commit: ObjectID, progress: ProgressHandler) async throws {
        guard repository.settings.submodules == nil else { return }
        let hub = repositories.hub(of: repository)
        let declares = try await repositories.lane.run {
            try? hub.open().file(".gitmodules", in: commit, limit: Self.sizeLimit)
        }
        guard declares != nil else { return }
        progress(
            .note(
                "its submodules stay empty folders; runner repo update \(repository.name) --submodules has them filled, "
                    + "--no-submodules keeps them so without this note"))
    }

    /// The same, and checks them out into a worktree that was just made at `commit`.
    func bring(to worktree: Worktree, at commit: ObjectID, progress: @escaping ProgressHandler) async throws {
        let tree = try await fetch(commit, progress: progress)
        try await repositories.lane.run { try tree.checkOut(in: worktree) }
    }

    /// Takes over what a step committed in submodules, so that its checkpoint can be checked out elsewhere.
    func keep(_ commit: ObjectID, of worktree: Worktree) async throws {
        guard isWanted else { return }
        let (url, _) = try await place()
        let holder = Holder(
            hub: repositories.hub(of: repository), commit: commit, url: url, label: repository.name,
            near: [worktree.adminPath], depth: 0, sparse: nil)
        _ = try await tree(holder, .step)
    }

    /// What relative URLs are relative to, and the Git directories of a person's own checkout.
    private func place() async throws -> (url: String, near: [String]) {
        guard repository.isLocal else { return (repository.url, []) }
        let origin = try await repositories.lane.run { [repository] in try Repositories.origin(of: repository) }
        let configured = try await GitCommand(transports: "none", environment: repositories.settings.environment)
            .run(["config", "--get", "remote.origin.url"], in: origin.gitDirectory)
        let url = configured.standardOutput.trimmingCharacters(in: .newlines)
        let near = [origin.gitDirectory, origin.commonDirectory]
        return (url.isEmpty ? repository.url : url, near)
    }

    private func tree(_ holder: Holder, _ source: Source) async throws -> SubmoduleTree {
        let (links, text) = try await repositories.lane.run {
            let git = try holder.hub.open()
            let links = try git.gitlinks(in: holder.commit, sparse: holder.sparse)
            let file = links.isEmpty ? nil : try git.file(".gitmodules", in: holder.commit, limit: Self.sizeLimit)
            return (links, file)
        }
        guard !links.isEmpty else { return SubmoduleTree() }
        guard holder.depth < Self.depthLimit else {
            throw refused(holder.label, "it is the \(Self.depthLimit)th inside another")
        }
        let entries = try await entries(text ?? [], holder)
        var (tree, used) = (SubmoduleTree(), [SubmoduleEntry]())
        for link in links {
            guard let path = String(validating: link.path.bytes, as: UTF8.self),
                let entry = entries.last(where: { $0.path == path })
            else {
                throw refused("\(holder.label)/\(link.path)", ".gitmodules does not name it")
            }
            let label = "\(holder.label)/\(path)"
            if let refusal = entry.refusal { throw refused(label, refusal) }
            if entry.update == "none" { continue }
            if used.contains(where: entry.overlaps) { throw refused(label, "another one has its name") }
            used.append(entry)
            if let node = try await node(link, entry, path, label, holder, source) { tree.nodes.append(node) }
        }
        return tree
    }

    private func node(
        _ link: Gitlink, _ entry: SubmoduleEntry, _ path: String, _ label: String, _ holder: Holder, _ source: Source
    ) async throws -> SubmoduleTree.Node? {
        guard let url = entry.url.flatMap({ SubmoduleURL.resolve($0, against: holder.url) }) else {
            throw refused(label, ".gitmodules names no URL for it")
        }
        let name = SHA256.hash(data: Data(url.utf8)).hexadecimal.prefix(32)
        let hub = Hub(path: "\(repositories.hub(of: repository).path)/submodules/\(name).git")
        let near = holder.near.map { "\($0)/modules/\(entry.name)" }
        let verdict = repositories.policy.check(url)
        if let reason = verdict.reason, !reason.isPolicy { throw refused(label, reason) }
        let fetch = SubmoduleFetch(repositories: repositories, label: label, hub: hub, commit: link.commit)
        switch source {
        case .origin(let progress):
            if try await !fetch.isDone(), try await !fetch.copy(from: near) {
                guard verdict.isAccepted else { throw refused(label, verdict.reason ?? .localDisabled) }
                try await fetch.run(verdict, progress: progress)
            }
        case .step:
            guard try await fetch.take(from: near) else { return nil }
        }
        let inner = Holder(
            hub: hub, commit: link.commit, url: url, label: label, near: near, depth: holder.depth + 1, sparse: nil)
        return SubmoduleTree.Node(
            name: entry.name, path: path, commit: link.commit, url: verdict.normalized, hub: hub,
            inner: try await tree(inner, source))
    }

    /// As git itself reads the file, without what it would include.
    private func entries(_ text: [UInt8], _ holder: Holder) async throws -> [SubmoduleEntry] {
        let read = try await GitCommand(transports: "none", environment: repositories.settings.environment)
            .run(["config", "--file", "-", "--no-includes", "--list", "-z"], in: "/", input: text)
        guard read.status == 0 else {
            throw refused(holder.label, "its .gitmodules cannot be read: \(read.messages)")
        }
        return SubmoduleEntry.entries(in: read.standardOutput)
    }

    private func refused(_ label: String, _ reason: URLRefusal) -> EngineError {
        refused(
            label, "\(reason.explanation) (\(reason.rawValue))",
            hint: reason == .localDisabled && repository.isLocal
                ? "run git submodule update --init --recursive in your checkout, whose copy is used then" : nil)
    }

    private func refused(_ label: String, _ reason: String, hint: String? = nil) -> EngineError {
        EngineError(
            .refusedURL, "the submodule \"\(label)\" is refused: \(reason)",
            hint: hint ?? "correct it, or go without submodules: runner repo update \(repository.name) --no-submodules")
    }
}
