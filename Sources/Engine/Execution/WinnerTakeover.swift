import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// Brings the worktree and the branch of a run to where the chosen candidate of a fork has left its own.
struct WinnerTakeover: Sendable {
    let job: StepJob
    let workspace: Workspace
    let author: CommitAuthor
    let control: RunControl
    let choice: WinnerChoice

    /// Doing it again, after a crash in between, leads to the same.
    func run() async throws -> StepOutcome {
        switch choice {
        case .none(let reason): return try await outcome(.failed, facts: StepFacts(status: .failed, error: reason))
        case .candidate(let winner, let reason): return try await takeOver(winner, reason)
        }
    }

    private func takeOver(_ winner: CandidateView, _ reason: String) async throws -> StepOutcome {
        try await control.confirm()
        let worktree = job.worktree(workspace.home)
        let branch = job.environment.branch
        let signature = author.signature(at: Date())
        let control = control
        guard let name = winner.branch, let end = winner.commit.flatMap({ ObjectID($0) }) else {
            return try await outcome(
                .failed, facts: StepFacts(status: .failed, error: "candidate \(winner.number) has left no commit"))
        }
        try await workspace.lane.run {
            let now = try Checkpoint.write(
                worktree: worktree, message: "before candidate \(winner.number) is taken over", author: signature,
                committer: signature)
            let tip = try worktree.hub.open().reference("refs/heads/\(name)") ?? end
            try worktree.rewind(
                from: now.commit, to: end, branch: branch, tip: tip,
                log: "reset: taken over from task \(winner.task)",
                beforeMoving: { () throws(GitError) in try control.checkBeforeMovingRefs() })
        }
        let text = "candidate \(winner.number) (task \(winner.task)): \(reason)"
        var outputs = winner.outputs
        outputs["number"] = "\(winner.number)"
        outputs["task"] = "\(winner.task)"
        outputs["branch"] = name
        outputs["commit"] = end.hex
        return try await outcome(
            .succeeded,
            facts: StepFacts(status: .succeeded, outputs: outputs, summary: text, result: winner.result ?? text))
    }

    private func outcome(_ status: AttemptStatus, facts: StepFacts) async throws -> StepOutcome {
        var attempt = job.attempt
        attempt.status = status
        attempt.error = facts.error
        let outcome = StepOutcome(
            attempt: attempt, tools: [],
            result: StepResult(
                stepKey: job.step.id, status: status, failureClass: status == .failed ? .permanent : nil,
                error: facts.error), facts: facts)
        return try await AttemptCommit(
            job: job, home: workspace.home, lane: workspace.lane, author: author, control: control
        ).commit(outcome)
    }
}
