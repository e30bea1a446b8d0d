import Foundation
import RunnerCore
import Store

/// A step that the runner does itself: no process, no attempt folder.
struct ToolUse: Sendable {
    let job: StepJob
    let tool: ToolBody
    let workspace: Workspace
    let author: CommitAuthor
    let control: RunControl
    let progress: ProgressHandler

    /// Doing it again, after a crash in between, leads to the same.
    func run() async throws -> StepOutcome {
        switch tool.name {
        case .push: try await push()
        }
    }

    private func push() async throws -> StepOutcome {
        try await control.confirm()
        let facts: StepFacts
        do {
            let target = try tool.target.map { try job.context.render($0) } ?? job.environment.branch
            if let problem = BranchName.validate(target) {
                throw EngineError(.invalidArgument, "\"\(target)\" is no branch name: \(problem)", hint: nil)
            }
            let results = workspace.results
            let published =
                job.repository.isLocal
                ? try await results.publishLocally(job.repository, job.environment, as: target)
                : try await results.pushRemotely(job.repository, job.environment, as: target, progress: progress)
            try await workspace.store.recordEvent(
                task: job.task.id, kind: "branch.published",
                detail: .object(["branch": .string(published.branch), "commit": .string(published.commit)]))
            facts = StepFacts(
                status: .succeeded, outputs: ["branch": published.branch, "commit": published.commit],
                result: "\(published.branch) is at \(published.destination)")
        } catch let error as EngineError where error.code == .notPublished || error.code == .invalidArgument {
            facts = StepFacts(status: .failed, error: error.description)
        }
        var attempt = job.attempt
        attempt.status = facts.error == nil ? .succeeded : .failed
        attempt.error = facts.error
        let outcome = StepOutcome(
            attempt: attempt, tools: [],
            result: StepResult(stepKey: job.step.id, status: attempt.status, error: facts.error), facts: facts)
        return try await AttemptCommit(
            job: job, home: workspace.home, lane: workspace.lane, author: author, control: control
        ).commit(outcome)
    }
}
