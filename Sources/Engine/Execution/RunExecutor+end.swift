import Foundation
import RunnerCore
import Store

extension RunExecutor {
    /// Gives the run back where this worker ends in order; otherwise there is nothing left to record.
    func left(_ departure: RunControl.Departure) async throws -> RunEnd {
        guard departure == .released else { return .left(departure) }
        let (store, run, fence) = (workspace.store, control.run, control.fence)
        // In a task of its own: the one that ran the step was cancelled.
        do {
            try await Task { try await store.releaseRun(run, fence: fence) }.value
        } catch StoreError.fenced {
            return .left(.taken)
        }
        return .left(.released)
    }

    /// Waits until the database is back and the run is still this worker's; false when the worker let go meanwhile.
    ///
    /// Throws `failure` when a person wants to stop, and `StoreError.fenced` when somebody else owns the run.
    func waitForDatabase(_ failure: any Error) async throws -> Bool {
        if DatabaseAbsence.isHeldUp(failure) {
            guard cancellation.level < .hard else { throw failure }
            // It answers, and what holds it up may do so again at once.
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...500)))
        }
        var delay = 100
        var stopping = 0
        while control.departure == nil {
            do {
                try await workspace.reviveDatabase()
                try await control.confirm()
                return true
            } catch  where DatabaseAbsence.explains(error) {
                if cancellation.level > .none { stopping += 1 }
                guard stopping < 5, cancellation.level < .hard else { throw failure }
            } catch StoreError.fenced {
                // It may have ended by this worker's own doing, before the answer was lost.
                let run = try? await workspace.store.run(control.run)
                if let run, run.fence == control.fence { return true }
                control.leave(.taken)
                return false
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: delay / 2...delay)))
            delay = min(delay * 2, 2_000)
        }
        return false
    }

    /// Records the failure of the run itself and gives back the error to report.
    func failed(_ run: RunRecord, _ error: any Error) async throws -> any Error {
        let cancelled = error is CancellationError || cancellation.level > .none
        let store = workspace.store
        let reason = Redaction.redactCredentials(in: "\(error)")
        var isRecorded = false
        while !isRecorded {
            // The record must be written also when this very task has been cancelled.
            let record = Task {
                let retention = try? await store.taskDetail(run.taskID).repository.settings.retention
                if !cancelled { try await store.noteReason(reason, inOpenAttemptsOf: run.id, fence: run.fence) }
                try await store.finishRun(
                    run.id, fence: run.fence, status: cancelled ? .cancelled : .failed,
                    error: cancelled ? "cancelled" : reason, cleanupAfter: retention)
            }
            do {
                try await record.value
                isRecorded = true
            } catch  where DatabaseAbsence.explains(error) {
                // This worker lives, so that nobody else would take the run and end it.
                isRecorded = (try? await waitForDatabase(error)) != true
            } catch StoreError.fenced {
                // What failed here was the absence of what the run's new owner has taken away or ended.
                if let now = try? await store.run(run.id), now.fence != control.fence { control.leave(.taken) }
                isRecorded = true
            } catch {
                isRecorded = true
            }
        }
        return cancelled ? CancellationError() : error
    }
}

extension RepositorySettings {
    /// How long a worktree stays after its run.
    var retention: Duration {
        retentionDays.map { .seconds($0 * 86_400) } ?? CleanupDeadline.defaultRetention
    }
}
