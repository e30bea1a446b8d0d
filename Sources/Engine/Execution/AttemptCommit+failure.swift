import Git
import RunnerCore

extension AttemptCommit {
    /// A step that destroyed its worktree has failed, whatever it said itself; its branch keeps what was committed.
    func broken(_ outcome: StepOutcome, _ reason: String) -> StepOutcome {
        var outcome = outcome
        if outcome.attempt.status == .succeeded {
            outcome.attempt.status = .failed
            outcome.result = StepResult(
                stepKey: job.step.id, status: .failed, failureClass: .permanent, error: reason)
        }
        outcome.attempt.error = outcome.attempt.error.map { "\($0); \(reason)" } ?? reason
        return outcome
    }

    /// Nothing takes the worktree back then, so that the next attempt, and a snapshot, find the work in it.
    func uncommitted(_ outcome: StepOutcome, _ error: GitError) -> StepOutcome {
        var outcome = outcome
        let reason = "its work is in the worktree, but could not be committed: \(error)"
        // One that was interrupted would be done again on top of what it did.
        guard [.succeeded, .interrupted].contains(outcome.attempt.status) else {
            outcome.attempt.error = outcome.attempt.error.map { "\($0); \(reason)" } ?? reason
            return outcome
        }
        outcome.fail(because: reason)
        outcome.attempt.failureClass = .permanent
        outcome.result = StepResult(
            stepKey: job.step.id, status: .failed, failureClass: .permanent, error: outcome.attempt.error)
        return outcome
    }
}
