import Foundation
import RunnerCore
import Store

/// A run that a command executes itself, as a worker for this one run, until it ends; waits are waited for.
struct ForegroundRun: Sendable {
    let workspace: Workspace
    /// What the command is: `start` or `retry`.
    let client: String
    let progress: ProgressHandler
    let cancellation: Cancellation

    /// Has `make` make or reopen the run for a session, so that it has an owner from its first moment, and executes it.
    ///
    /// `fence` is the one that the run will have.
    func run(_ id: RunID, fence: Int, make: (SessionID) async throws -> RunRecord) async throws -> RunResult {
        let worker = try await Worker.open(workspace, client: client, slots: 1)
        let guardian = WorkerGuard.start(workspace)
        do {
            let control = worker.hold(id, fence: fence, cancellation: cancellation)
            worker.add(Task { await WorkLoop(worker: worker, dispatcher: nil).run() })
            let run = try await make(worker.session.id)
            let store = worker.store
            // Kept in the database as well: whoever takes over after a crash must know of the wish.
            let ticket = cancellation.observe { _ in Task { _ = try? await store.requestCancel(of: id) } }
            defer { cancellation.forget(ticket) }
            let result = try await execute(run, worker, control)
            await worker.close()
            guardian?.dismiss()
            return result
        } catch {
            await worker.close()
            guardian?.dismiss()
            throw error
        }
    }

    private func execute(_ first: RunRecord, _ worker: Worker, _ held: RunControl) async throws -> RunResult {
        var (run, control) = (first, held)
        while true {
            if control.fence != run.fence {
                control = worker.hold(run.id, fence: run.fence, cancellation: cancellation)
            }
            let executor = RunExecutor(workspace: workspace, progress: progress, control: control, holdsWaits: true)
            switch try await executor.execute(run) {
            case .ended(let result): return result
            case .gate, .held:
                worker.runs.remove(run.id)
                let task = try await workspace.store.taskDetail(run.taskID).task
                return RunResult(task: task, status: .waiting, error: nil, publishedBranch: nil)
            case .left(let departure): throw await error(for: departure, run)
            case .waiting, .waitingForTasks:
                worker.runs.remove(run.id)
                let next = try await turn(of: run, worker)
                if next.status.isTerminal {
                    let task = try await workspace.store.taskDetail(run.taskID).task
                    progress(.runFinished(next.status, error: next.error))
                    return RunResult(task: task, status: next.status, error: next.error, publishedBranch: nil)
                }
                run = next
            }
        }
    }

    /// Waits until the run is due and claims it; an ended run is returned as it is.
    private func turn(of run: RunRecord, _ worker: Worker) async throws -> RunRecord {
        let store = worker.store
        while true {
            do {
                if cancellation.level > .none { _ = try await store.requestCancel(of: run.id) }
                let now = try await store.run(run.id)
                if now.status.isTerminal { return now }
                if worker.lease.isTrusted, let claimed = try await store.claimRun(run.id, for: worker.session.id) {
                    return claimed
                }
                if now.status == .running || worker.isOver { throw await error(for: .taken, run) }
            } catch  where DatabaseAbsence.explains(error) && cancellation.level == .none {
                try? await workspace.reviveDatabase()
            }
            await worker.wake.wait(atMost: .milliseconds(500))
        }
    }

    private func error(for departure: RunControl.Departure, _ run: RunRecord) async -> EngineError {
        let number = (try? await workspace.store.taskDetail(run.taskID).task.number).map { "task \($0)" } ?? "the task"
        switch departure {
        case .taken, .released:
            return EngineError(
                .wrongState, "another worker goes on with \(number)", hint: "follow it with: runner log --follow")
        case .expired:
            return EngineError(
                .storageUnavailable, "the database did not answer, so the step of \(number) was ended",
                hint: "a worker that reaches the database goes on with it")
        }
    }
}
