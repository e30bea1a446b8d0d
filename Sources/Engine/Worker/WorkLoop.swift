import Foundation
import RunnerCore
import Store

/// Looks for work: what is to be cancelled, what is due, whose worker died, and what can be claimed.
///
/// Woken by notifications and by the end of another worker's process; the look every second or two is the truth.
final class WorkLoop: Sendable {
    private let worker: Worker
    private let dispatcher: Dispatcher?
    private let peers: PeerWatch

    /// Without a dispatcher nothing is claimed: a foreground command's worker has its own run.
    init(worker: Worker, dispatcher: Dispatcher?) {
        self.worker = worker
        self.dispatcher = dispatcher
        let wake = worker.wake
        peers = PeerWatch { wake.ring() }
    }

    func run() async {
        while !Task.isCancelled, !worker.isOver {
            do {
                try await runOnce()
            } catch {
                // The next look comes soon; the private cluster may have to be started before.
                if DatabaseAbsence.explains(error) { try? await worker.workspace.reviveDatabase() }
            }
            await worker.wake.wait(atMost: .milliseconds(Int.random(in: worker.settings.pollRange)))
        }
        peers.stop()
    }

    /// One look, and what follows from it.
    func runOnce() async throws {
        let report = try await worker.store.pollWork(for: worker.session.id)
        // What this program asks of the schema may no longer be there.
        guard !report.isOutgrown else { return worker.outgrow() }
        for run in report.cancelled {
            guard let control = worker.runs[run], control.cancellation.level == .none else { continue }
            control.cancellation.request()
        }
        guard let dispatcher else { return }
        if report.hasDue { _ = try await Scheduler(store: worker.store).runOnce() }
        let dead = peers.watch(report.peers).filter { !$0.value }.map(\.key)
        let buried = dead.isEmpty ? 0 : try await bury(dead)
        if report.hasClaimable || report.hasDue || buried > 0 { try await dispatcher.runOnce() }
    }

    /// The server needs a moment to notice that a connection has gone and to let go of its lock.
    private func bury(_ dead: [SessionID]) async throws -> Int {
        var buried = 0
        for _ in 0..<20 {
            buried += try await worker.store.buryDead(dead)
            if buried >= dead.count { break }
            try await Task.sleep(for: .milliseconds(25))
        }
        return buried
    }
}
