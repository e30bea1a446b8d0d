import Foundation
import RunnerCore
import Store

/// Keeps a worker's lease, and learns with each beat which runs are still its own.
final class Heartbeat: Sendable {
    private let worker: Worker

    init(worker: Worker) {
        self.worker = worker
    }

    func run() async {
        var strays: Set<RunID> = []
        while !Task.isCancelled, !worker.isOver {
            try? await Task.sleep(for: worker.settings.beatInterval * Double.random(in: 0.9...1))
            guard !Task.isCancelled else { return }
            strays = (try? await runOnce(strays: strays)) ?? strays
        }
    }

    /// Sends one heartbeat and acts on its answer.
    ///
    /// `strays` are runs that the last one found without anybody here at work on them; a second time they are given
    /// back. Returns those of this time.
    @discardableResult
    func runOnce(strays: Set<RunID> = []) async throws -> Set<RunID> {
        let moment = BootClock.now
        // Taken before the question, so that a run that is claimed while it is under way is not missed in its answer.
        let held = worker.runs.all
        guard let owned = try await worker.store.beat(worker.session.id, lease: worker.settings.lease) else {
            worker.sessionEnded()
            return []
        }
        worker.lease.confirm(sentAt: moment)
        worker.lifeLine?.extend(from: moment)
        for control in held {
            if let run = owned.first(where: { $0.id == control.run && $0.fence == control.fence }) {
                control.noteOwned(at: moment)
                if run.isCancelRequested, control.cancellation.level == .none { control.cancellation.request() }
            } else if let run = try? await worker.store.run(control.run), run.fence > control.fence {
                control.leave(.taken)
            }
        }
        let stray = owned.filter { worker.runs[$0.id] == nil }
        for run in stray where strays.contains(run.id) {
            try? await worker.store.releaseRun(run.id, fence: run.fence)
        }
        return Set(stray.map(\.id))
    }
}
