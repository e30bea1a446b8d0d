import Foundation
import Glibc
import RunnerCore
import Store

/// This process as a worker: a session row with a lease, kept alive, that also listens for wishes to cancel.
struct WorkerSession: Sendable {
    let id: SessionID
    private let store: Store
    private let beat: Task<Void, Never>

    static let lease = Duration.seconds(30)
    static let beatInterval = Duration.seconds(10)
    static let pollInterval = Duration.milliseconds(500)

    /// Opens the session and starts its heartbeat.
    ///
    /// A session that the database has given up is told through `cancellation`: its runs may be somebody else's now.
    static func open(store: Store, version: String, cancellation: Cancellation) async throws -> WorkerSession {
        let pid = getpid()
        let user = getpwuid(geteuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? String(geteuid())
        let session = try await store.openSession(
            SessionRecord(
                kind: "worker", host: HostIdentity.hostname, bootID: HostIdentity.bootID, processID: Int(pid),
                processStart: HostIdentity.processStart(pid) ?? 0, user: user, version: version),
            lease: lease)
        let beat = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: beatInterval)
                if (try? await store.heartbeat(session.id, lease: lease)) == false {
                    cancellation.request()
                    cancellation.request()
                    return
                }
            }
        }
        return WorkerSession(id: session.id, store: store, beat: beat)
    }

    /// Turns another command's wish to cancel `run` into one of this process; stop it by cancelling the task.
    func watch(_ run: RunID, for cancellation: Cancellation) -> Task<Void, Never> {
        let store = store
        return Task {
            while !Task.isCancelled {
                if (try? await store.cancelRequested(run)) == true {
                    cancellation.request()
                    return
                }
                try? await Task.sleep(for: WorkerSession.pollInterval)
            }
        }
    }

    func close() async {
        beat.cancel()
        try? await store.closeSession(id)
    }
}
