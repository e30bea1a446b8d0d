import BlockingIO
import Foundation
import Git
import RunnerCore

/// An attempt at what the runner does itself, without a process.
protocol RunnerStep: Sendable {
    var job: StepJob { get }
    var workspace: Workspace { get }
    var author: CommitAuthor { get }
    var control: RunControl { get }
}

extension RunnerStep {
    func tip(of branch: String) async throws -> ObjectID? {
        let hub = job.worktree(workspace.home).hub
        return try await workspace.lane.run { try hub.open().reference("refs/heads/\(branch)") }
    }

    /// Takes the worktree's files to `commit` and the run's branch to `tip`.
    func move(to commit: ObjectID, tip: ObjectID, log: String) async throws {
        try await control.confirm()
        let worktree = job.worktree(workspace.home)
        let (branch, control, signature) = (job.environment.branch, control, author.signature(at: Date()))
        do {
            try await workspace.lane.run {
                let now = try Checkpoint.write(
                    worktree: worktree, message: "before the branch is moved", author: signature,
                    committer: signature)
                try worktree.rewind(
                    from: now.commit, to: commit, branch: branch, tip: tip, log: log,
                    beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
            }
        } catch let error as GitError where error.code == .modified && error.operation == RunControl.movingRefs {
            throw StaleOwnership()
        }
    }

    /// A failure that another try would only repeat.
    func failed(_ reason: String) async throws -> StepOutcome {
        try await outcome(.failed, StepFacts(status: .failed, error: reason), failureClass: .permanent)
    }

    func outcome(
        _ status: AttemptStatus, _ facts: StepFacts, failureClass: FailureClass? = nil
    ) async throws -> StepOutcome {
        try await AttemptCommit(
            job: job, home: workspace.home, lane: workspace.lane, author: author, control: control
        ).outcome(status, facts, failureClass: failureClass)
    }
}
