import Foundation
import Glibc
import Postgres
import RunnerCore
import Store
import Synchronization

/// This process as a worker: a session row with one heartbeated lease, and the runs that it has in hand.
///
/// It has two connections beside the workspace's: one for what it says of itself, one that listens and holds the
/// lock that says that it lives.
final class Worker: Sendable {
    let workspace: Workspace
    let settings: WorkerSettings
    let session: SessionRecord
    let lease: LeaseClock
    let lifeLine: LifeLine?
    let runs = ActiveRuns()
    /// Statements of the worker itself; never behind those of its steps.
    let store: Store
    /// Rings when there may be something to do.
    let wake = WakeUp()
    /// Rings when the session has ended.
    let ended = WakeUp()
    private let client: PostgresClient
    private let state = Mutex(State())

    private struct State {
        var loops: [Task<Void, Never>] = []
        var isOver = false
        var isOutgrown = false
    }

    private init(_ workspace: Workspace, _ settings: WorkerSettings, _ session: SessionRecord, sentAt: Duration) {
        self.workspace = workspace
        self.settings = settings
        self.session = session
        lease = LeaseClock(lease: settings.lease, confirmedAt: sentAt)
        lifeLine = LifeLine(workspace.home, workspace.settings, lease: settings.lease)
        (store, client) = workspace.ownStore("runner worker")
    }

    /// Opens a session and starts its heartbeat; `client` says what the process is for.
    static func open(_ workspace: Workspace, client: String, slots: Int) async throws -> Worker {
        let settings = WorkerSettings(workspace.settings)
        let pid = getpid()
        let user = getpwuid(geteuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? String(geteuid())
        let moment = BootClock.now
        let session = try await workspace.store.openSession(
            SessionRecord(
                kind: "worker", client: client, host: HostIdentity.hostname, bootID: HostIdentity.bootID,
                processID: Int(pid), processStart: HostIdentity.processStart(pid) ?? 0, user: user,
                version: Workspace.version, slots: slots),
            lease: settings.lease)
        let worker = Worker(workspace, settings, session, sentAt: moment)
        worker.lifeLine?.extend(from: moment)
        worker.begin()
        return worker
    }

    private func begin() {
        let (heartbeat, guardian) = (Heartbeat(worker: self), LeaseGuard(worker: self))
        add(Task { await heartbeat.run() })
        add(Task { await guardian.run() })
        if settings.listens {
            let news = WorkerNews(worker: self)
            add(Task { await news.run() })
        }
    }

    /// Keeps a loop going until the worker is closed.
    func add(_ loop: Task<Void, Never>) {
        let isOver = state.withLock { state in
            if !state.isOver { state.loops.append(loop) }
            return state.isOver
        }
        if isOver { loop.cancel() }
    }

    /// True once the database has given the session up, or it was closed: it will never work again.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// The session has ended; whoever has its runs now, it is not this worker.
    func sessionEnded() {
        state.withLock { $0.isOver = true }
        runs.leaveAll(.taken)
        wake.ring()
        ended.ring()
    }

    /// True once a newer program has changed the schema: this one leaves its runs to that one.
    var isOutgrown: Bool { state.withLock { $0.isOutgrown } }

    /// Lets go of all runs, in order: their steps go on under their shims, for a worker of the newer program.
    func outgrow() {
        state.withLock { $0.isOutgrown = true }
        runs.leaveAll(.released)
        ended.ring()
    }

    /// Puts a run into this worker's hands before it is claimed or made, so that no heartbeat misses it.
    func hold(_ run: RunID, fence: Int, cancellation: Cancellation) -> RunControl {
        let control = RunControl(
            run: run, fence: fence, cancellation: cancellation, lease: lease, store: workspace.store)
        runs.add(control)
        return control
    }

    /// Ends the session: what it still owns can be claimed by others at once.
    func close() async {
        let loops = state.withLock { state in
            state.isOver = true
            defer { state.loops = [] }
            return state.loops
        }
        for loop in loops { loop.cancel() }
        try? await store.closeSession(session.id)
        for loop in loops { await loop.value }
        await client.close()
    }
}
