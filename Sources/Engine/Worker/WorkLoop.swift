import Foundation
import RunnerCore
import Store

/// Looks for work: what is to be cancelled, what is due, whose worker died, and what can be claimed.
///
/// Woken by notifications and by the end of another worker's process. The look every second or two is the truth; while
/// nothing is at work anywhere it comes more seldom, for an idle daemon is to leave the processor asleep.
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
            var rest = Duration.milliseconds(Int.random(in: worker.settings.pollRange))
            do {
                rest = max(rest, try await runOnce().map(quietRest) ?? .zero)
            } catch {
                // The next look comes soon; the private cluster may have to be started before.
                if DatabaseAbsence.explains(error) { try? await worker.workspace.reviveDatabase() }
            }
            await worker.wake.wait(atMost: rest)
        }
        peers.stop()
    }

    /// How long nobody needs to look after `report`, if nothing rings.
    private func quietRest(_ report: WorkReport) -> Duration {
        guard dispatcher != nil, worker.settings.listens, worker.runs.count == 0, report.isQuiet else { return .zero }
        let rest = Duration.milliseconds(Int.random(in: worker.settings.quietRange))
        return report.dueIn.map { min(rest, $0 + .milliseconds(20)) } ?? rest
    }

    /// One look, and what follows from it; returns what was seen, nil when nothing is to be seen here any more.
    @discardableResult
    func runOnce() async throws -> WorkReport? {
        let report = try await worker.store.pollWork(for: worker.session.id)
        // What this program asks of the schema may no longer be there.
        guard !report.isOutgrown else {
            worker.outgrow()
            return nil
        }
        for run in report.cancelled {
            guard let control = worker.runs[run], control.cancellation.level == .none else { continue }
            control.cancellation.request()
        }
        guard let dispatcher else { return report }
        if report.hasDue { _ = try await Scheduler(store: worker.store).runOnce() }
        let dead = peers.watch(report.peers).filter { !$0.value }.map(\.key)
        let buried = dead.isEmpty ? 0 : try await bury(dead)
        if report.hasClaimable || report.hasDue || buried > 0 { try await dispatcher.runOnce() }
        return report
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
