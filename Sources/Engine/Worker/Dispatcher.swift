import Foundation
import RunnerCore
import Store
import Synchronization

/// Claims runs while there is room for them, and has each executed in a task of its own.
final class Dispatcher: Sendable {
    private let worker: Worker
    private let slots: Int
    private let progress: @Sendable (TaskID, ProgressEvent) -> Void
    private let state = Mutex(State())

    private struct State {
        var isDraining = false
        var tasks: [RunID: Task<Void, Never>] = [:]
    }

    init(worker: Worker, slots: Int, progress: @escaping @Sendable (TaskID, ProgressEvent) -> Void) {
        self.worker = worker
        self.slots = slots
        self.progress = progress
    }

    /// Claims until there is nothing left or no room.
    func runOnce() async throws {
        while case let room = room, room > 0 {
            let runs = try await worker.store.claimNextRuns(for: worker.session.id, room: room)
            guard !runs.isEmpty else { return }
            for run in runs { launch(run) }
        }
    }

    /// Claims nothing more.
    func stopClaiming() {
        state.withLock { $0.isDraining = true }
    }

    /// Returns when every run has ended or was let go.
    func finish() async {
        while let task = state.withLock({ $0.tasks.values.first }) { await task.value }
    }

    var hasRoom: Bool { room > 0 }

    /// How many runs may be begun now; the first always, as a machine with little memory must not stand still.
    private var room: Int {
        let count = worker.runs.count
        // With a lease that may be over, what it took could be taken from it at once.
        guard !state.withLock({ $0.isDraining }), count < slots, !worker.isOver, worker.lease.isTrusted else {
            return 0
        }
        guard let free = MemoryGauge.available, free < worker.settings.minimumFreeMemory else { return slots - count }
        return count == 0 ? 1 : 0
    }

    /// Executes a run that this worker has claimed.
    func launch(_ run: RunRecord) {
        let control = worker.hold(run.id, fence: run.fence, cancellation: Cancellation())
        let (worker, progress) = (worker, progress)
        let executor = RunExecutor(
            workspace: worker.workspace.onOwnLane(), progress: { progress(run.taskID, $0) }, control: control,
            holdsWaits: false)
        state.withLock { state in
            state.tasks[run.id] = Task { [self] in
                do {
                    _ = try await executor.execute(run)
                } catch {
                    progress(run.taskID, .note(Redaction.redactCredentials(in: "\(error)")))
                }
                // A new claim of the same run may have come in between.
                if worker.runs[run.id] === control {
                    worker.runs.remove(run.id)
                    self.state.withLock { _ = $0.tasks.removeValue(forKey: run.id) }
                }
                worker.wake.ring()
            }
        }
    }
}
