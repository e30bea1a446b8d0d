import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// A step that the runner does itself: no process, no attempt folder.
///
/// Doing it again, after a crash in between, leads to the same; only a notification may come twice.
struct ToolUse: RunnerStep {
    let job: StepJob
    let tool: ToolBody
    let workspace: Workspace
    let author: CommitAuthor
    let control: RunControl
    let progress: ProgressHandler

    func run() async throws -> StepOutcome {
        try await control.confirm()
        do {
            switch tool.name {
            case .commit: return try await commit()
            case .push: return try await bounded { try await push() }
            case .fetch: return try await bounded { try await fetch() }
            case .rebase: return try await rebase()
            case .artifact: return try await artifact()
            case .notify: return try await bounded { try await notify() }
            }
        } catch is CancellationError {
            return try await outcome(.cancelled, StepFacts(status: .cancelled, error: "cancelled"))
        } catch let error as EngineError where error.code.isAnAnswer {
            // The origin may be back in a moment; what it has refused, it refuses again.
            return try await outcome(
                .failed, StepFacts(status: .failed, error: error.description),
                failureClass: error.code == .unreachableRepository ? .transient : .permanent)
        } catch let error as TemplateError {
            return try await failed("\"with\" cannot be filled in: \(error.message)")
        }
    }

    /// What reaches outside ends when the run is cancelled, and after a while in any case.
    private func bounded(_ body: @escaping @Sendable () async throws -> StepOutcome) async throws -> StepOutcome {
        let name = tool.name.rawValue
        return try await control.cancellation.guarded {
            try await withThrowingTaskGroup(of: StepOutcome.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: Self.limit)
                    throw EngineError(
                        .unreachableRepository, "the \(name) took longer than \(Self.limit)", hint: nil)
                }
                guard let first = try await group.next() else { throw CancellationError() }
                return first
            }
        }
    }

    private static let limit = Duration.seconds(600)

    /// What `with` says under `key`, filled in; nil where it says nothing.
    func value(_ key: String) throws -> String? {
        try tool.with[key].map { try job.context.render($0) }
    }

    func succeeded(_ result: String, outputs: [String: String] = [:]) async throws -> StepOutcome {
        try await outcome(.succeeded, StepFacts(status: .succeeded, outputs: outputs, summary: result, result: result))
    }

    private func push() async throws -> StepOutcome {
        let target = try value("as") ?? job.environment.branch
        try Results.check(branch: target)
        if job.replay != nil { return try await succeeded("a replay publishes nothing") }
        let published = try await workspace.results.publish(
            job.task, job.repository, job.environment, as: target, progress: progress)
        return try await succeeded(
            "\(published.branch) is at \(published.destination)",
            outputs: ["branch": published.branch, "commit": published.commit])
    }

    private func artifact() async throws -> StepOutcome {
        var declared: [String: String] = [:]
        for name in tool.with.keys {
            let path = try value(name) ?? ""
            guard EnvironmentScripts.isInside(path) else {
                return try await failed("\"\(path)\" is no path of a file inside the worktree")
            }
            declared[name] = path
        }
        let worktree = job.worktree(workspace.home)
        let folder = ArtifactFolder(folder: nil, worktree: worktree.path)
        let keeper = ArtifactKeeper(job: job, hub: worktree.hub, signature: author.signature(at: Date()))
        let (kept, problems) = try await workspace.lane.run { [declared] in
            let contents = folder.read(declared: declared)
            return (try keeper.keep(contents.files), contents.problems)
        }
        let names = kept.map(\.name).sorted().joined(separator: ", ")
        var made =
            problems.isEmpty
            ? try await succeeded("handed over: \(names)") : try await failed(problems.joined(separator: "; "))
        made.artifacts = kept
        return made
    }

    private func notify() async throws -> StepOutcome {
        let message = try value("message") ?? ""
        if job.replay != nil { return try await succeeded("a replay notifies nobody: \(message)") }
        try await workspace.store.recordEvent(
            task: job.task.id, kind: "step.notified",
            detail: .object(["step": .string(job.step.id), "message": .string(message)]))
        progress(.note("\(job.step.id): \(message)"))
        guard let command = NotifyCommand(job: job, environment: workspace.settings.environment) else {
            return try await succeeded(message)
        }
        guard let problem = try await command.run(message) else { return try await succeeded(message) }
        return try await outcome(.failed, StepFacts(status: .failed, error: problem))
    }
}

extension EngineError.Code {
    /// Whether it is about the repository or what was asked for, so that the step has failed and not the runner.
    fileprivate var isAnAnswer: Bool {
        switch self {
        case .notPublished, .invalidArgument, .unreachableRepository, .notARepository, .refusedURL, .noSuchBase,
            .emptyRepository, .doesNotApply, .wrongState:
            true
        default: false
        }
    }
}
