import RunnerCore
import Store

/// What `runner cancel` did.
package struct CancelOutcome: Sendable {
    package let number: Int
    package let message: String
    /// Where the step is at work on another host that gives no sign of life: that host, and for how many seconds so.
    package var silentHost: (name: String, seconds: Double)?
}

extension Workspace {
    /// Asks the owner of a task's run to cancel it and waits until it has; a run nobody owns is cancelled on the spot.
    ///
    /// An owner on a host that gives no sign of life is not waited for.
    package func cancel(_ text: String) async throws -> CancelOutcome {
        let task = try await store.task(matching: text)
        guard let run = try await store.latestRun(of: task.id), !run.status.isTerminal else {
            throw EngineError(.wrongState, "task \(task.number) is \(task.status.rawValue) already", hint: nil)
        }
        let retention = try await store.taskDetail(task.id).repository.settings.retention
        guard try await store.requestCancel(of: run.id, cleanupAfter: retention) else {
            return CancelOutcome(number: task.number, message: "task \(task.number) has ended by itself")
        }
        // A worker looks every second or two; a step may take its grace time to end.
        for round in 0..<150 {
            let now = try await store.run(run.id)
            if now.status.isTerminal {
                // Of a run that nobody owned, a step may have gone on under its shim.
                try await rescuer.runOnce()
                return CancelOutcome(number: task.number, message: "task \(task.number) is \(now.status.rawValue)")
            }
            if round % 10 == 9,
                let silent = try await store.silentHost(of: run.id, elsewhereThan: HostIdentity.hostname)
            {
                return CancelOutcome(
                    number: task.number, message: "task \(task.number) is to be cancelled by its host",
                    silentHost: (silent.host, silent.seconds))
            }
            await BackgroundDaemon(workspace: self).startForWaitingWork()
            try await Task.sleep(for: .milliseconds(200))
        }
        return CancelOutcome(
            number: task.number, message: "task \(task.number) is being cancelled; its step has not ended yet")
    }
}
