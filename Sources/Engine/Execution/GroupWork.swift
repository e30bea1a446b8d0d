import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// What the runner does with the results of candidates, each in a worktree of its own: an attempt without a process.
///
/// Doing any of it again, after a crash in between, leads to the same.
struct GroupWork: RunnerStep {
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
}
