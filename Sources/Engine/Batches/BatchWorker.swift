import Foundation
import RunnerCore
import Store
import Synchronization

/// A command that works one batch through, as a worker for its runs; a daemon goes on when it dies.
struct BatchWorker: Sendable {
    let workspace: Workspace
    let batch: BatchID
    let width: Int
    let tell: BatchHandler
    let cancellation: Cancellation

    /// Has the batch go on and returns when it has ended and nothing of it is in hand any more.
    ///
    /// The first wish to stop cancels the batch, the second ends its steps at once.
    func run() async throws {
        let worker = try await Worker.open(workspace, client: "batch", slots: width)
        let guardian = WorkerGuard.start(workspace)
        let ticket = cancellation.observe { _ in
            for control in worker.runs.all { control.cancellation.request() }
            worker.wake.ring()
        }
        defer { cancellation.forget(ticket) }
        do {
            try await work(worker)
            await worker.close()
            guardian?.dismiss()
        } catch {
            await worker.close()
            guardian?.dismiss()
            throw error
        }
    }

    private func work(_ worker: Worker) async throws {
        let items = Mutex<[TaskID: BatchRun]>([:])
        let tell = tell
        let dispatcher = Dispatcher(worker: worker, slots: width) { task, event in
            guard let item = items.withLock({ $0[task] }) else { return }
            switch event {
            case .runFinished(let status, let error): tell(.ended(item, status, error: error))
            case .gate, .question, .waiting: tell(.waits(item, event))
            case .note(let text): tell(.note("item \(item.item): \(text)"))
            default: break
            }
        }
        worker.add(Task { await WorkLoop(worker: worker, dispatcher: nil).run() })
        var hasBegun = false
        var isCancelled = false
        while true {
            do {
                if !hasBegun { try await workspace.store.beginBatch(batch, for: worker.session.id) }
                hasBegun = true
                if cancellation.level > .none, !isCancelled {
                    try await workspace.cancelOpenRuns(of: batch)
                    isCancelled = true
                }
                try await claim(worker, dispatcher) { run in
                    items.withLock { $0[run.taskID] = run }
                    tell(.began(run))
                }
                if worker.runs.count == 0, try await workspace.store.batchStatus(batch).isTerminal { break }
            } catch  where DatabaseAbsence.explains(error) {
                guard cancellation.level < .hard else { throw error }
                try? await workspace.reviveDatabase()
            }
            guard !worker.isOver else {
                throw EngineError(
                    .wrongState, "another worker goes on with the batch", hint: "see: runner batch list")
            }
            await worker.wake.wait(atMost: .milliseconds(500))
        }
        await dispatcher.finish()
    }

    private func claim(_ worker: Worker, _ dispatcher: Dispatcher, began: (BatchRun) -> Void) async throws {
        guard dispatcher.hasRoom else { return }
        var isPassedOver = false
        for due in try await workspace.store.dueRuns(of: batch) {
            guard dispatcher.hasRoom else { return }
            guard let run = try await worker.store.claimRun(due.run, for: worker.session.id) else {
                isPassedOver = true
                continue
            }
            began(due)
            dispatcher.launch(run)
        }
        // A run that waited for a delay is held by nobody; queued, it is claimed the next time.
        if isPassedOver, try await worker.store.requeueDueRuns() > 0 { worker.wake.ring() }
    }
}
