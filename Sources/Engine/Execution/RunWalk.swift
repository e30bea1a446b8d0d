import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// The walk through a run's steps: decide, record, run, and again until the end.
struct RunWalk {
    private let executor: RunExecutor
    private let setting: RunSetting
    private var state: RunState
    private var facts: [String: StepFacts]
    private var lastCommit: String

    init(executor: RunExecutor, setting: RunSetting) {
        self.executor = executor
        self.setting = setting
        state = setting.state
        facts = setting.facts
        lastCommit = setting.environment.headCommit ?? setting.environment.baseCommit
    }

    private var store: Store { executor.workspace.store }
    private var run: RunRecord { setting.run }

    mutating func run() async throws -> RunResult {
        lastCommit = try await currentCommit()
        var decision = decide(after: nil)
        try await record(decision.stepChanges)
        var attempt = try await begin(decision)
        while true {
            switch decision.next {
            case .finish(let status, let error):
                return try await finish(status, error)
            case .retry(_, _, let delay):
                try await pause(delay)
                decision = executor.cancellation.level > .none ? state.cancelRun() : decide(after: nil)
                try await record(decision.stepChanges)
                attempt = try await begin(decision)
            case .wait(let key):
                throw EngineError(.internalFault, "step \"\(key)\" is running elsewhere", hint: nil)
            case .start(let key, _):
                guard let current = attempt else {
                    throw EngineError(.internalFault, "step \"\(key)\" has no attempt", hint: nil)
                }
                (decision, attempt) = try await step(key, current)
            }
        }
    }

    /// Runs one attempt and records its end together with what follows.
    private mutating func step(_ key: String, _ attempt: AttemptRecord) async throws -> (Decision, AttemptRecord?) {
        guard let step = setting.definition.step(key), let record = record(of: key) else {
            throw EngineError(.internalFault, "the workflow has no step \"\(key)\"", hint: nil)
        }
        executor.progress(.stepStarted(record, attempt: attempt.number))
        let job = StepJob(
            task: setting.task, repository: setting.repository, run: run, environment: setting.environment,
            definition: setting.definition, step: step, record: record, attempt: attempt,
            context: templateContext(for: step),
            agents: setting.context.agents)
        var outcome = try await executor.workspace.stepRunner(author: setting.author)
            .run(job, progress: executor.progress, cancellation: executor.cancellation)
        // Conditions of later steps read these, so they must be there before the next step is decided on.
        facts[key] = outcome.facts
        let decision =
            executor.cancellation.level > .none && outcome.attempt.status == .cancelled
            ? cancelled() : decide(after: outcome.result)
        let stepStatus = state.step(key)?.status ?? .failed
        outcome.facts.status = stepStatus
        outcome.facts.outcome = state.step(key)?.outcomeStatus ?? stepStatus
        facts[key] = outcome.facts
        lastCommit = outcome.attempt.commitAfter ?? lastCommit
        outcome.attempt.output = try RunWalk.json(outcome.facts)
        let next = try await store.finishAttempt(
            FinishAttempt(
                runID: run.id, fence: run.fence, attempt: outcome.attempt, tools: outcome.tools,
                stepChanges: changes(decision.stepChanges), next: try beginning(decision)))
        executor.progress(.stepFinished(record, outcome.attempt))
        announceSkips(decision, except: key)
        try await store.setHead(setting.environment.id, commit: lastCommit)
        return (decision, next)
    }

    private mutating func cancelled() -> Decision { state.cancelRun() }

    private mutating func decide(after result: StepResult?) -> Decision {
        let context = templateContext()
        let workflow = setting.definition
        return state.advance(after: result, at: Date()) { step, status in
            guard let condition = step.condition else { return true }
            var context = context
            context.env = try context.environment(of: step, in: workflow)
            return try context.evaluate(condition, status: status)
        }
    }

    private func begin(_ decision: Decision) async throws -> AttemptRecord? {
        guard let begin = try beginning(decision) else { return nil }
        return try await store.beginAttempt(begin)
    }

    /// The intent row of the attempt that the decision starts.
    private func beginning(_ decision: Decision) throws -> BeginAttempt? {
        guard case .start(let key, _) = decision.next, let record = record(of: key),
            let step = setting.definition.step(key)
        else { return nil }
        var agent: String?
        var input: [String: JSONValue] = [:]
        if case .agent(let body) = step.body {
            agent = try setting.context.agents.name(for: body)
            input["prompt"] = .string((try? templateContext(for: step).render(body.prompt)) ?? body.prompt)
        }
        return BeginAttempt(
            runID: run.id, fence: run.fence, stepID: record.id, agent: agent, input: .object(input),
            commitBefore: lastCommit)
    }

    private func record(_ changes: [Decision.StepChange]) async throws {
        let ended = self.changes(changes)
        if !ended.isEmpty { try await store.setStepStatuses(run.id, fence: run.fence, ended) }
        for change in changes where change.status == .skipped {
            if let record = record(of: change.key) { executor.progress(.stepSkipped(record)) }
        }
    }

    private func announceSkips(_ decision: Decision, except key: String) {
        for change in decision.stepChanges where change.status == .skipped && change.key != key {
            if let record = record(of: change.key) { executor.progress(.stepSkipped(record)) }
        }
    }

    /// A step that starts is recorded with its attempt, not here.
    private func changes(_ changes: [Decision.StepChange]) -> [(StepID, StepStatus)] {
        changes.compactMap { change in
            guard change.status != .running, let record = record(of: change.key) else { return nil }
            return (record.id, change.status)
        }
    }

    private func record(of key: String) -> StepRecord? {
        setting.steps.first { $0.key == key }
    }

    private func templateContext() -> TemplateContext {
        TemplateContext(
            taskNumber: setting.task.number, taskTitle: setting.task.title, taskPrompt: setting.task.prompt,
            repositoryName: setting.repository.name, repositoryURL: setting.repository.url,
            repositoryBranch: setting.repository.defaultBranch ?? "",
            baseBranch: setting.context.baseName ?? "", baseCommit: setting.environment.baseCommit,
            runNumber: run.number, inputs: setting.context.inputs, env: [:], steps: facts)
    }

    /// What the step's prompt sees: the declared environment too, where it can be rendered.
    private func templateContext(for step: WorkflowStep) -> TemplateContext {
        var context = templateContext()
        context.env = (try? context.environment(of: step, in: setting.definition)) ?? [:]
        return context
    }

    private static func json(_ facts: StepFacts) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try JSONDecoder().decode(JSONValue.self, from: encoder.encode(facts))
    }

    /// The commit that holds the worktree as the run finds it, edits of the person's included.
    private func currentCommit() async throws -> String {
        let worktree = setting.environment.worktree(
            in: Hub(path: executor.workspace.home.hub(setting.repository.id.description)))
        let signature = setting.author.signature(at: Date())
        let fallback = lastCommit
        return try await executor.workspace.lane.run {
            let checkpoint = try Checkpoint.write(
                worktree: worktree, message: "state before the run", author: signature, committer: signature)
            guard checkpoint.changed else { return try worktree.open().head().commit?.hex ?? fallback }
            return checkpoint.commit.hex
        }
    }

    private func pause(_ delay: Duration) async throws {
        executor.progress(.note("waiting \(DurationText.format(delay)) before the next try"))
        let gate = Task { try await Task.sleep(for: delay) }
        let ticket = executor.cancellation.observe { _ in gate.cancel() }
        defer { executor.cancellation.forget(ticket) }
        _ = try? await gate.value
    }

    private func finish(_ status: RunStatus, _ error: String?) async throws -> RunResult {
        let published = await publish()
        try await store.finishRun(
            run.id, fence: run.fence, status: status, error: error,
            cleanupAfter: setting.repository.settings.retention)
        executor.progress(.runFinished(status, error: error))
        return RunResult(task: setting.task, status: status, error: error, publishedBranch: published)
    }

    /// A local origin gets the branch by itself; that it cannot is worth a note, not a failed run.
    private func publish() async -> String? {
        let publish = setting.repository.settings.publish ?? .branch
        guard setting.repository.isLocal, publish == .branch else { return nil }
        do {
            let published = try await executor.workspace.results.publishLocally(
                setting.repository, setting.environment, as: setting.environment.branch)
            try await store.recordEvent(
                task: setting.task.id, kind: "branch.published",
                detail: .object(["branch": .string(published.branch), "commit": .string(published.commit)]))
            return published.branch
        } catch {
            executor.progress(.note("\(error)"))
            return nil
        }
    }
}
