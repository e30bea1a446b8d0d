import Foundation
import Git
import Glibc
import RunnerCore

/// Where the spares of a repository are, and what they are made from.
struct SparePlace: Sendable {
    let folder: String
    private let parent: String
    let hub: Hub
    /// Whoever holds it makes spares here.
    let lock: String

    init(home: RunnerHome, repository: RepositoryID) {
        parent = home.spares
        folder = "\(home.spares)/\(repository)"
        lock = "\(home.spares)/\(repository).lock"
        hub = Hub(path: home.hub(repository.description))
    }

    /// The repositories that have a folder for spares.
    static func present(in home: RunnerHome) -> Set<RepositoryID> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home.spares)) ?? []
        return Set(names.compactMap { RepositoryID($0) })
    }

    /// Takes the spares of a repository that is gone; not while some are being made.
    func remove() {
        guard access(folder, F_OK) == 0, let lock = try? LockedDescriptor(path: lock, waits: false) else { return }
        defer { lock.release() }
        DependencyFolders.delete(folder, beneath: parent)
    }

    func makeFolder() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}
