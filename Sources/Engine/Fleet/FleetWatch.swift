import Foundation
import RunnerCore
import Store
import Synchronization

/// Looks for runs whose host has been silent for long, and goes on with them here.
final class FleetWatch: Sendable {
    private let worker: Worker
    private let dispatcher: Dispatcher
    private let silence: Duration
    private let tell: @Sendable (String) -> Void
    /// Runs that cannot be taken over, with the reason: each is said once.
    private let refused = Mutex<[RunID: String]>([:])

    init(worker: Worker, dispatcher: Dispatcher, tell: @escaping @Sendable (String) -> Void) {
        self.worker = worker
        self.dispatcher = dispatcher
        self.tell = tell
        silence = Takeover.silence(worker.workspace.settings)
    }

    /// Looks some times within the silence that it waits for, at least once a minute.
    func run() async {
        while !Task.isCancelled, !worker.isOver {
            try? await Task.sleep(
                for: max(.milliseconds(500), min(.seconds(60), silence / 6)) * Double.random(in: 0.8...1))
            guard !Task.isCancelled else { return }
            _ = try? await runOnce()
        }
    }

    /// Takes over what can be taken while there is room; returns how many runs.
    @discardableResult
    func runOnce() async throws -> Int {
        guard canTell, try await worker.store.hasRunsElsewhere(than: HostIdentity.hostname) else { return 0 }
        var taken = 0
        for run in try await worker.store.silentRuns(host: HostIdentity.hostname, silence: silence) {
            guard dispatcher.hasRoom else { break }
            do {
                let detail = try await worker.workspace.store.taskDetail(run.taskID)
                // Fetched before it is claimed: nothing of the run has changed if that fails.
                try await worker.workspace.takeover.check(detail, run)
                try await worker.workspace.takeover.fetch(detail, run) { _ in }
            } catch {
                refuse(run, Redaction.redactCredentials(in: "\(error)"))
                continue
            }
            let claimed = try await worker.store.takeOverRun(run.id, for: worker.session.id, silence: silence)
            guard let claimed else { continue }
            tell("run \(run.id) was taken over from a host that is silent")
            dispatcher.launch(claimed)
            taken += 1
        }
        return taken
    }

    /// While the database was away every host was silent; since then they must have had the time again to show that they
    /// live.
    private var canTell: Bool {
        worker.lease.isTrusted && (worker.lease.resumedAt.map { BootClock.now - $0 >= silence } ?? true)
    }

    private func refuse(_ run: RunRecord, _ reason: String) {
        let isNew = refused.withLock { refused in
            defer { refused[run.id] = reason }
            return refused[run.id] != reason
        }
        if isNew { tell(reason) }
    }
}
