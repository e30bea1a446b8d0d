import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// What the runner does with the results of candidates, each in a worktree of its own: an attempt without a process.
///
/// Doing any of it again, after a crash in between, leads to the same.
struct GroupWork: Sendable {
    let job: StepJob
    let workspace: Workspace
    let author: CommitAuthor
    let control: RunControl

    /// Brings the worktree and the branch of the run to where the chosen candidate has left its own.
    func takeOver(_ choice: WinnerChoice) async throws -> StepOutcome {
        switch choice {
        case .none(let reason): return try await failed(reason)
        case .candidate(let winner, let reason):
            guard let name = winner.branch, let end = winner.commit.flatMap({ ObjectID($0) }) else {
                return try await failed("candidate \(winner.number) has left no commit")
            }
            let tip = try await tip(of: name) ?? end
            try await move(to: end, tip: tip, log: "reset: taken over from task \(winner.task)")
            let text = "candidate \(winner.number) (task \(winner.task)): \(reason)"
            var outputs = winner.outputs
            outputs["number"] = "\(winner.number)"
            outputs["task"] = "\(winner.task)"
            outputs["branch"] = name
            outputs["commit"] = end.hex
            return try await outcome(
                .succeeded,
                StepFacts(status: .succeeded, outputs: outputs, summary: text, result: winner.result ?? text))
        }
    }

    func tip(of branch: String) async throws -> ObjectID? {
        let hub = job.worktree(workspace.home).hub
        return try await workspace.lane.run { try hub.open().reference("refs/heads/\(branch)") }
    }

    /// Takes the worktree's files to `commit` and the run's branch to `tip`.
    func move(to commit: ObjectID, tip: ObjectID, log: String) async throws {
        try await control.confirm()
        let worktree = job.worktree(workspace.home)
        let (branch, control, signature) = (job.environment.branch, control, author.signature(at: Date()))
        try await workspace.lane.run {
            let now = try Checkpoint.write(
                worktree: worktree, message: "before the work of others is taken over", author: signature,
                committer: signature)
            try worktree.rewind(
                from: now.commit, to: commit, branch: branch, tip: tip, log: log,
                beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
        }
    }

    func failed(_ reason: String) async throws -> StepOutcome {
        try await outcome(.failed, StepFacts(status: .failed, error: reason))
    }

    func outcome(_ status: AttemptStatus, _ facts: StepFacts) async throws -> StepOutcome {
        try await AttemptCommit(
            job: job, home: workspace.home, lane: workspace.lane, author: author, control: control
        ).outcome(status, facts)
    }
}
