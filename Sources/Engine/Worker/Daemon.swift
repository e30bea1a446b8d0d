import Foundation
import RunnerCore
import Store

/// A worker with many slots, and the loops beside it, until it is told to stop.
struct Daemon: Sendable {
    let workspace: Workspace
    let options: ServeOptions
    /// A wish to stop; the second one gives up what a drain waits for.
    let stop: Cancellation
    /// A wish to finish what runs and stop then.
    let drain: Cancellation
    let tell: @Sendable (ServeEvent) -> Void

    private static let tick = Duration.milliseconds(500)

    /// Serves until it is told to stop or has been idle for long enough.
    ///
    /// When it returns, what still runs goes on under its shims, for whoever claims it next.
    func run() async throws {
        guard var turn = try await takeTurn() else { return tell(.superfluous) }
        let slots = options.slots ?? MemoryGauge.defaultSlots
        var guardian: WorkerGuard?
        do {
            serving: while let worker = try await open(slots) {
                // Not before: of a daemon that cannot serve no successor could, and each would have the next one.
                if guardian == nil { guardian = WorkerGuard.start(workspace, slots: options.slots) }
                switch await serve(worker, slots, turn.lock) {
                case .lost: continue
                // The guard that is left starts the program that stands in this one's place, once this one has ended.
                case .outgrown: return
                case .inOrder: break serving
                case .idle:
                    guard await hasNewWork(), let next = try await takeTurn() else { break serving }
                    turn = next
                }
            }
        } catch {
            guardian?.dismiss()
            throw error
        }
        guardian?.dismiss()
    }

    /// What lets this daemon serve; only one that started by itself needs a lock for that.
    private struct Turn {
        var lock: LockedDescriptor?
    }

    /// Nil where another one serves.
    private func takeTurn() async throws -> Turn? {
        guard options.isSingle else { return Turn() }
        switch try await DaemonTurn(workspace: workspace).take() {
        case .taken(let lock): return Turn(lock: lock)
        case .unclear: return Turn()
        case .superfluous: return nil
        }
    }

    /// Whether a command left work to this daemon, which it still found serving, while that was about to end.
    private func hasNewWork() async -> Bool {
        guard stop.level == .none, drain.level == .none else { return false }
        return (try? await workspace.store.hasWaitingWork(host: HostIdentity.hostname)) == true
    }

    private enum End {
        case inOrder
        /// There was nothing to do for long enough.
        case idle
        /// The database gave the session up, and another has to be opened.
        case lost
        /// A newer program has changed the schema.
        case outgrown
    }

    /// One session's life.
    private func serve(_ worker: Worker, _ slots: Int, _ turn: LockedDescriptor?) async -> End {
        let tell = tell
        let dispatcher = Dispatcher(worker: worker, slots: slots) { tell(.run($0, $1)) }
        let loop = WorkLoop(worker: worker, dispatcher: dispatcher)
        let rescuer = workspace.rescuer
        worker.add(Task { await loop.run() })
        worker.add(Task { await rescuer.run { tell(.repaired($0)) } })
        let spares = workspace.spareKeeper()
        worker.add(Task { await spares.run() })
        if workspace.settings.storage == .server {
            let watch = FleetWatch(worker: worker, dispatcher: dispatcher) { tell(.repaired($0)) }
            worker.add(Task { await watch.run() })
        } else {
            let sessions = SessionKeeper(workspace: workspace)
            worker.add(Task { await sessions.run() })
        }
        tell(.serving(worker.session))
        let tickets = [stop.observe { _ in worker.ended.ring() }, drain.observe { _ in worker.ended.ring() }]
        let isIdle = await waitForEnd(worker)
        stop.forget(tickets[0])
        drain.forget(tickets[1])
        dispatcher.stopClaiming()
        let isDone = !worker.isOver
        if worker.isOutgrown { tell(.outgrown) }
        // What it still finishes keeps nobody from serving in its place.
        if isDone { turn?.release() }
        if stop.level == .none ? drain.level > .none : options.drains, stop.level < .hard {
            try? await worker.store.setDraining(worker.session.id)
            tell(.draining(runs: worker.runs.count))
            await finish(dispatcher, worker)
        }
        if worker.runs.count > 0 { tell(.stopping(runs: worker.runs.count)) }
        worker.runs.leaveAll(worker.isOver ? .taken : .released)
        await dispatcher.finish()
        await worker.close()
        return worker.isOutgrown ? .outgrown : !isDone ? .lost : isIdle ? .idle : .inOrder
    }

    /// Nil when it is told to stop before the database could be reached.
    private func open(_ slots: Int) async throws -> Worker? {
        var delay = 100
        while true {
            do {
                return try await Worker.open(workspace, client: "serve", slots: slots)
            } catch  where DatabaseAbsence.explains(error) {
                guard stop.level == .none else { return nil }
                try? await workspace.reviveDatabase()
                try await Task.sleep(for: .milliseconds(delay))
                delay = min(delay * 2, 5_000)
            }
        }
    }

    /// True when there was nothing to do for long enough.
    private func waitForEnd(_ worker: Worker) async -> Bool {
        var busyAt = ContinuousClock.now
        while stop.level == .none, drain.level == .none, !worker.isOver, !worker.isOutgrown {
            await worker.ended.wait(atMost: options.idleStop.map { min($0 / 4, .seconds(30)) } ?? .seconds(600))
            guard let limit = options.idleStop else { continue }
            if worker.runs.count > 0 { busyAt = .now }
            guard ContinuousClock.now - busyAt >= limit else { continue }
            guard (try? await worker.store.hasOpenRuns(host: HostIdentity.hostname)) == false else {
                busyAt = .now
                continue
            }
            tell(.idle)
            return true
        }
        return false
    }

    /// Waits for the runs; a (further) wish to stop ends the waiting.
    private func finish(_ dispatcher: Dispatcher, _ worker: Worker) async {
        let level = stop.level
        while worker.runs.count > 0, stop.level == level, !worker.isOver {
            try? await Task.sleep(for: Daemon.tick)
        }
    }
}
