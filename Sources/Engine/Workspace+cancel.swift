package import RunnerCore
import Store

/// What `runner cancel` did.
package struct CancelOutcome: Sendable {
    package let number: Int
    package let message: String
}

extension Workspace {
    /// Asks the owner of a task's run to cancel it and waits until it has; a run nobody owns is cancelled on the spot.
    package func cancel(_ text: String) async throws -> CancelOutcome {
        let task = try await store.task(matching: text)
        guard let run = try await store.latestRun(of: task.id), !run.status.isTerminal else {
            throw EngineError(.wrongState, "task \(task.number) is \(task.status.rawValue) already", hint: nil)
        }
        let retention = try await store.taskDetail(task.id).repository.settings.retention
        guard try await store.requestCancel(of: run.id, cleanupAfter: retention) else {
            return CancelOutcome(number: task.number, message: "task \(task.number) has ended by itself")
        }
        // A worker polls twice a second; a step may take its grace time to end.
        for _ in 0..<150 {
            let now = try await store.run(run.id)
            if now.status.isTerminal {
                return CancelOutcome(number: task.number, message: "task \(task.number) is \(now.status.rawValue)")
            }
            try await rescuer.runOnce()
            try await Task.sleep(for: .milliseconds(200))
        }
        return CancelOutcome(
            number: task.number, message: "task \(task.number) is being cancelled; its step has not ended yet")
    }
}
