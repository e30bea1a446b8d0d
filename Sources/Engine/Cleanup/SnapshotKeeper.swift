import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Keeps the rows of snapshots true, and lets a snapshot go when its own retention is over.
struct SnapshotKeeper: Sendable {
    let workspace: Workspace

    private var store: Store { workspace.store }

    /// Gives a row to every snapshot without one, then drops what has expired: the reference first, then the row.
    ///
    /// For the janitor's lock. Interrupted, it is finished by the next call.
    func expire(_ settings: CleanupSettings) async throws {
        var failures = FailureLog()
        for repository in try await store.repositories() {
            try await failures.note { try await adopt(repository, settings) }
        }
        for snapshot in try await store.expiredSnapshots(host: HostIdentity.hostname) {
            try await failures.note { try await drop(snapshot) }
        }
        try failures.finish()
    }

    private func drop(_ snapshot: SnapshotRecord) async throws {
        let hub = Hub(path: workspace.home.hub(snapshot.repositoryID.description))
        try await workspace.lane.run {
            guard access(hub.path, F_OK) == 0 else { return }
            try hub.open().deleteReference(snapshot.ref)
            HubMaintenance.ask(for: hub)
        }
        try await store.deleteSnapshot(snapshot)
        try await store.recordEvent(
            task: snapshot.taskID, kind: "snapshot.expired",
            detail: .object(["snapshot": .integer(snapshot.number), "ref": .string(snapshot.ref)]))
    }

    /// A crash between a snapshot's reference and its row leaves the reference alone.
    private func adopt(_ repository: Repository, _ settings: CleanupSettings) async throws {
        let hub = Hub(path: workspace.home.hub(repository.id.description))
        let references = await workspace.lane.runCatching { () -> [(name: String, id: ObjectID)] in
            try hub.open().references(matching: "refs/runner/*/snap/*")
        }
        guard let references, !references.isEmpty else { return }
        let known = Set(try await store.snapshots(of: repository.id, host: HostIdentity.hostname).map(\.ref))
        for (name, id) in references where !known.contains(name) {
            let parts = name.split(separator: "/")
            guard parts.count == 5, let task = try? await store.task(matching: String(parts[2])),
                task.repositoryID == repository.id
            else { continue }
            try await store.addSnapshot(
                SnapshotRecord(
                    repositoryID: repository.id, taskID: task.id,
                    environmentID: try await store.environment(of: task.id)?.id, host: HostIdentity.hostname,
                    number: Janitor.number(of: name), ref: name, commit: id.hex, reason: .found),
                retention: settings.snapshotRetention)
        }
    }
}
