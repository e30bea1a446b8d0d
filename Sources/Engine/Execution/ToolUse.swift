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
            try Results.check(branch: target)
            let published = try await workspace.results.publish(
                job.task.id, job.repository, job.environment, as: target, progress: progress)
            facts = StepFacts(
                status: .succeeded, outputs: ["branch": published.branch, "commit": published.commit],
                result: "\(published.branch) is at \(published.destination)")
        } catch let error as EngineError where error.code == .notPublished || error.code == .invalidArgument {
            facts = StepFacts(status: .failed, error: error.description)
        }
        return try await AttemptCommit(
            job: job, home: workspace.home, lane: workspace.lane, author: author, control: control
        ).outcome(facts.error == nil ? .succeeded : .failed, facts)
    }
}
