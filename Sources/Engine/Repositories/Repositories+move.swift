import BlockingIO
import Foundation
import Git
import Glibc
package import RunnerCore
import Store

extension Repositories {
    /// Gives a repository that was moved its new place, and fetches from there; tasks that exist are published there too.
    ///
    /// Refused, with nothing changed, for a place that the policy refuses, that another repository is registered by, or
    /// whose history has no commit in common with the clone.
    package func move(
        _ repository: Repository, to text: String, progress: @escaping ProgressHandler
    ) async throws -> Repository {
        try Repositories.checkNotEmpty(text)
        let location = try await lane.run { [policy] in try RepositoryLocation.read(text, policy: policy) }
        try requireNotOurs(location)
        // Sorted, so that two moves at once do not wait for each other for ever.
        let identities = Set([location.identity, repository.identity]).sorted()
        var locks: [RegistrationLock] = []
        defer { for lock in locks { lock.release() } }
        for identity in identities { locks.append(try await RegistrationLock.take(in: home, identity: identity)) }
        let other = try await store.repositories(matching: location.identity)
            .first { $0.identity == location.identity && $0.id != repository.id }
        if let other {
            throw EngineError(
                .wrongState, "\"\(location.url)\" is registered already, as \"\(other.name)\"",
                hint: "use it by that name, or remove that one first: runner repo remove \(other.name)")
        }
        var moved = location.record(name: repository.name)
        (moved.id, moved.settings, moved.createdAt) = (repository.id, repository.settings, repository.createdAt)
        moved.defaultBranch = repository.defaultBranch
        try await requireKinship(of: location, moved, progress: progress)
        moved = try await refresh(moved, asksHead: true, progress: progress)
        moved.verifiedAt = Date()
        return try await store.moveRepository(to: moved)
    }

    /// Throws where the new place has none of the commits that the clone has.
    private func requireKinship(
        of location: RepositoryLocation, _ moved: Repository, progress: @escaping ProgressHandler
    ) async throws {
        let hub = hub(of: moved)
        guard access(hub.path, F_OK) == 0 else {
            throw EngineError(
                .wrongState, "this host has no clone of \"\(moved.name)\" to compare the new place with",
                hint: "change it on a host that has worked for that repository")
        }
        let isKin: Bool
        switch location {
        case .local(let origin): isKin = try await lane.run { try hub.isKin(of: origin) }
        case .remote:
            // In a clone for the occasion: what is no kin is not to be kept in ours. A killed command's goes with the trash.
            let trial = Hub(path: TrashItem.path(in: home.trash, name: "move-\(moved.id)", provenAt: Date()))
            defer { try? FileManager.default.removeItem(atPath: trial.path) }
            try await lane.run {
                _ = try Hub.create(at: trial.path)
                // Only what ours lacks is transferred.
                try hub.lendObjects(to: trial.path)
            }
            progress(.fetching("looking at \(moved.url)"))
            try await checkConnection(moved)
            try await fetchRemote(moved, into: trial, progress: progress)
            isKin = try await lane.run { try hub.isKin(of: trial) }
        }
        guard !isKin else { return }
        throw EngineError(
            .doesNotApply,
            "\"\(location.url)\" is another repository: it has no commit in common with \"\(moved.name)\"",
            hint: "register it as one of its own: runner repo add")
    }
}
