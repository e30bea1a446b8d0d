import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore

/// Brings one commit of one submodule, with all that it needs, into the clone `hub`.
struct SubmoduleFetch: Sendable {
    let repositories: Repositories
    /// For people.
    let label: String
    let hub: Hub
    let commit: ObjectID

    func isDone() async throws -> Bool {
        try await repositories.lane.run { access(hub.path, F_OK) == 0 ? try hub.isPinned(commit) : false }
    }

    /// From a clone of it that a person has on this machine; false when none of the Git directories has the commit.
    func copy(from gitDirectories: [String]) async throws -> Bool {
        try await locked {
            for folder in gitDirectories where access(folder + "/HEAD", F_OK) == 0 {
                // What is found above the folder is another repository.
                guard let origin = try LocalOrigin.discover(at: folder), origin.isAt(folder) else { continue }
                _ = try origin.mirror(into: hub)
                if try hub.pin(commit) { return true }
            }
            return false
        }
    }

    /// From the Git directories of a worktree in which a step was at work; false when none has the commit.
    func take(from gitDirectories: [String]) async throws -> Bool {
        if try await isDone() { return true }
        return try await locked {
            for folder in gitDirectories where access(folder + "/HEAD", F_OK) == 0 {
                try hub.takeObjects(of: folder)
                if try hub.pin(commit) { return true }
            }
            return false
        }
    }

    /// From its URL, which the policy has accepted: all branches, and the commit by its name where no branch has it.
    func run(_ verdict: URLVerdict, progress: @escaping ProgressHandler) async throws {
        let url = verdict.normalized ?? ""
        let source = Repository(
            name: label, url: url, identity: verdict.identity ?? url, host: verdict.host ?? "",
            owner: verdict.owner ?? "")
        let lock = try await RegistrationLock.take(in: repositories.home, identity: hub.path)
        defer { lock.release() }
        try await make()
        progress(.fetching("fetching \(label)"))
        try await repositories.checkConnection(source)
        try await repositories.fetchRemote(source, into: hub, progress: progress)
        if try await pin() { return }
        try? await repositories.fetchRemote(
            source, into: hub, references: "+\(commit):refs/runner/fetched/\(commit)", progress: progress)
        guard try await pin() else {
            throw EngineError(
                .unreachableRepository, "the commit \(commit.short) of the submodule \"\(label)\" is not at \(url)",
                hint: "push it there, or record another one")
        }
    }

    private func pin() async throws -> Bool {
        try await repositories.lane.run { try hub.pin(commit) }
    }

    private func make() async throws {
        try await repositories.lane.run { if access(hub.path, F_OK) != 0 { _ = try Hub.create(at: hub.path) } }
    }

    private func locked(_ body: @escaping @Sendable () throws -> Bool) async throws -> Bool {
        let lock = try await RegistrationLock.take(in: repositories.home, identity: hub.path)
        defer { lock.release() }
        try await make()
        return try await repositories.lane.run(body)
    }
}
