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

    /// Where the run's branch stood when the attempt began, so that doing it again leads to the same; nil when it is gone.
    func begunTip() async throws -> ObjectID? {
        if let begun = job.attempt.branchBefore.flatMap({ ObjectID($0) }) { return begun }
        return try await tip(of: job.environment.branch)
    }

    /// Takes the worktree's files to `commit` and the run's branch to `tip`.
    func move(to commit: ObjectID, tip: ObjectID, log: String) async throws {
        try await LargeFiles(repositories: workspace.repositories, repository: job.repository)
            .fetch(commit, progress: { _ in })
        try await control.confirm()
        let worktree = job.worktree(workspace.home)
        let (branch, control, signature) = (job.environment.branch, control, author.signature(at: Date()))
        try await attemptCommit().owned {
            let now = try Checkpoint.write(
                worktree: worktree, message: "before the branch is moved", author: signature,
                committer: signature)
            try worktree.rewind(
                from: now.commit, to: commit, branch: branch, tip: tip, log: log,
                beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
        }
    }

    /// A failure that another try would only repeat.
    func failed(_ reason: String) async throws -> StepOutcome {
        try await outcome(.failed, StepFacts(status: .failed, error: reason), failureClass: .permanent)
    }

    func outcome(
        _ status: AttemptStatus, _ facts: StepFacts, failureClass: FailureClass? = nil
    ) async throws -> StepOutcome {
        try await attemptCommit().outcome(status, facts, failureClass: failureClass)
    }

    /// `text` is the message of its commits; nil: the usual one.
    func attemptCommit(_ text: String? = nil) -> AttemptCommit {
        AttemptCommit(
            job: job, home: workspace.home, lane: workspace.lane, author: author, control: control, text: text)
    }
}
