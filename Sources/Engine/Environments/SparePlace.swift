import Foundation
import Git
import RunnerCore

/// Where the spares of a repository are, and what they are made from.
struct SparePlace: Sendable {
    let folder: String
    let hub: Hub
    /// Whoever holds it makes spares here.
    let lock: String

    init(home: RunnerHome, repository: RepositoryID) {
        folder = "\(home.spares)/\(repository)"
        lock = "\(home.spares)/\(repository).lock"
        hub = Hub(path: home.hub(repository.description))
    }

    func makeFolder() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
}
