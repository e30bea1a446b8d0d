import Engine
import Foundation
import RunnerCore
import Store

/// A task as `runner show --json` prints it.
struct TaskView: Encodable {
    let task: TaskRecord
    let repository: Repository
    let environment: EnvironmentRecord?
    let branch: String?
    let worktreePath: String?
    let baseCommit: String?
    let headCommit: String?
    let cleanupAfter: Date?
    /// Activity in the worktree moves the deadline no further than this.
    let latestCleanup: Date?
    /// The numbers of the tasks that it waits for.
    let waitsFor: [Int]
    /// What its running agent asks a person to allow.
    let question: String?
    /// Seconds since the host that has an open task's worktree gave a sign of life, where that is not this one.
    let hostSilence: Double?
    let runs: [RunView]

    static func load(number: Int, in workspace: Workspace) async throws -> TaskView {
        try await load(try await workspace.store.task(matching: String(number)), in: workspace)
    }

    static func load(_ task: TaskRecord, in workspace: Workspace) async throws -> TaskView {
        let detail = try await workspace.store.taskDetail(task.id)
        var runs: [RunView] = []
        for run in detail.runs {
            runs.append(RunView(run: run, steps: try await StepView.load(run: run.id, in: workspace)))
        }
        return TaskView(
            task: detail.task, repository: detail.repository, environment: detail.environment,
            branch: detail.environment?.branch, worktreePath: detail.environment?.worktreePath,
            baseCommit: detail.environment?.baseCommit, headCommit: detail.environment?.headCommit,
            cleanupAfter: detail.environment?.cleanupAfter,
            latestCleanup: try detail.environment.flatMap { try workspace.latestCleanup(of: $0) },
            waitsFor: try await workspace.store.awaitedTasks(of: detail.task.id),
            question: detail.task.question(among: workspace.openQuestionTitles()),
            hostSilence: try await hostSilence(of: detail, in: workspace),
            runs: runs)
    }

    private static func hostSilence(of detail: TaskDetail, in workspace: Workspace) async throws -> Double? {
        guard !detail.task.status.isTerminal, let host = detail.environment?.host, host != HostIdentity.hostname else {
            return nil
        }
        return try await workspace.store.silence(of: host)
    }
}
