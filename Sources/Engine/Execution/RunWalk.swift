import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// The walk through a run's steps: decide, record, run, and again until the end.
struct RunWalk {
    let executor: RunExecutor
    let setting: RunSetting
    var state: RunState
    private var facts: [String: StepFacts]
    /// The commit that holds the worktree, and the one at which the branch stands.
    private var lastCommit: String
    private var branchTip: String?
    /// By step: what an agent's session is gone on from.
    var lastAttempts: [String: AttemptRecord]
    /// Made for the first step: the supervisor and the prices are looked up once for a run.
    private var madeRunner: StepRunner?

    init(executor: RunExecutor, setting: RunSetting) {
        self.executor = executor
        self.setting = setting
        state = setting.state
        facts = setting.facts
        lastCommit = setting.environment.headCommit ?? setting.environment.baseCommit
        branchTip = setting.isFresh ? setting.environment.baseCommit : nil
        lastAttempts = [:]
        for attempt in setting.attempts where attempt.status != .running {
            guard let key = setting.steps.first(where: { $0.id == attempt.stepID })?.key else { continue }
            if attempt.number > lastAttempts[key]?.number ?? 0 { lastAttempts[key] = attempt }
        }
    }

    var store: Store { executor.workspace.store }
    var run: RunRecord { setting.run }

    mutating func run() async throws -> RunEnd {
        var (decision, attempt) = try await first()
        while true {
            switch decision.next {
            case .finish(let status, let error): return .ended(try await finish(status, error))
            case .retry(_, _, let delay): return .waiting(until: Date().addingTimeInterval(delay / .seconds(1)))
            case .wait(let key):
                throw EngineError(.internalFault, "step \"\(key)\" is running elsewhere", hint: nil)
            case .start(let key, _):
                guard let current = attempt else {
                    throw EngineError(.internalFault, "step \"\(key)\" has no attempt", hint: nil)
                }
                (decision, attempt) = try await step(key, current, isOpen: false)
            }
        }
    }

    /// Goes on with what an earlier owner left running, or decides where to begin.
    private mutating func first() async throws -> (Decision, AttemptRecord?) {
        if let open = setting.openAttempt, let key = setting.steps.first(where: { $0.id == open.stepID })?.key {
            lastCommit = open.commitBefore ?? lastCommit
            branchTip = open.branchBefore
            return try await step(key, open, isOpen: true)
        }
        if !setting.isFresh { (lastCommit, branchTip) = try await currentCommits() }
        let isCancelled = executor.cancellation.level > .none
        let (decision, reason) =
            isCancelled ? (state.cancelRun(), nil) : try await held(decide(after: nil), opening: nil)
        try await record(decision.stepChanges)
        if case .retry(_, _, let delay) = decision.next {
            try await store.parkRun(run.id, fence: run.fence, wait(delay, reason))
            announceWait(delay, reason)
        }
        guard let begin = try await beginning(decision) else { return (decision, nil) }
        return (decision, try await store.beginAttempt(begin))
    }

    private mutating func stepRunner() throws -> StepRunner {
        if let madeRunner { return madeRunner }
        let made = try executor.workspace.stepRunner(author: setting.author, control: executor.control)
        madeRunner = made
        return made
    }

    /// Runs one attempt, or goes on with an open one, and records its end together with what follows.
    private mutating func step(
        _ key: String, _ attempt: AttemptRecord, isOpen: Bool
    ) async throws -> (Decision, AttemptRecord?) {
        guard let step = setting.definition.step(key), let record = record(of: key) else {
            throw EngineError(.internalFault, "the workflow has no step \"\(key)\"", hint: nil)
        }
        executor.progress(
            isOpen ? .stepAdopted(record, attempt: attempt.number) : .stepStarted(record, attempt: attempt.number))
        let job = StepJob(
            task: setting.task, repository: setting.repository, run: run, environment: setting.environment,
            definition: setting.definition, step: step, record: record, attempt: attempt,
            context: templateContext(for: step), agents: setting.context.agents, scripts: setting.context.scripts)
        let runner = try stepRunner()
        let outcome =
            try await isOpen
            ? runner.resume(job, progress: executor.progress) : runner.run(job, progress: executor.progress)
        let (finish, decision, reason) = try await conclusion(of: outcome, job)
        // Recorded also when this worker is about to let go of the run: the end of an attempt is never lost.
        let store = store
        try await executor.workspace.packs?.keep(job, after: finish.attempt, progress: executor.progress)
        ChaosPoint.packKept.reach()
        let next = try await Task { try await store.finishAttempt(finish) }.value
        ChaosPoint.attemptFinished.reach()
        try? FileManager.default.removeItem(atPath: executor.workspace.home.attempt(attempt.id.description))
        ChaosPoint.attemptFolderRemoved.reach()
        executor.progress(.stepFinished(record, finish.attempt))
        if key == setting.setupKey, finish.attempt.status == .succeeded { await keepDependencies(job) }
        announceSkips(decision, except: key)
        if case .retry(_, _, let delay) = decision.next { announceWait(delay, reason) }
        return (decision, next)
    }

    /// What is to be recorded of an outcome, and what is decided by it.
    private mutating func conclusion(
        of ended: StepOutcome, _ job: StepJob
    ) async throws -> (FinishAttempt, Decision, waitsFor: String?) {
        var outcome = ended
        let key = job.step.id
        // Conditions of later steps read these, so they must be there before the next step is decided on.
        facts[key] = outcome.facts
        let isCancelled =
            executor.cancellation.level > .none && [.cancelled, .interrupted].contains(outcome.attempt.status)
        lastAttempts[key] = outcome.attempt
        let decided = isCancelled ? state.cancelRun() : decide(after: outcome.result)
        let (decision, reason) = try await held(decided, opening: outcome.agent)
        let stepStatus = state.step(key)?.status ?? .failed
        outcome.facts.status = stepStatus
        outcome.facts.outcome = state.step(key)?.outcomeStatus ?? stepStatus
        facts[key] = outcome.facts
        if outcome.attempt.status == .interrupted, case .start(key, _) = decision.next {
            try await AttemptCommit(
                job: job, home: executor.workspace.home, lane: executor.workspace.lane, author: setting.author,
                control: executor.control
            ).rewind(outcome.attempt)
            lastCommit = job.attempt.commitBefore ?? lastCommit
            branchTip = job.attempt.branchBefore
        } else {
            lastCommit = outcome.attempt.commitAfter ?? lastCommit
            branchTip = outcome.branchTip ?? branchTip
        }
        outcome.attempt.output = try RunWalk.json(outcome.facts)
        var finish = FinishAttempt(
            runID: run.id, fence: run.fence, attempt: outcome.attempt, tools: outcome.tools,
            agent: outcome.agent, stepChanges: changes(decision.stepChanges), next: try await beginning(decision),
            head: lastCommit)
        finish.artifacts = outcome.artifacts
        let waitsFor = reason ?? outcome.attempt.error
        if case .retry(_, _, let delay) = decision.next { finish.wait = wait(delay, waitsFor) }
        return (finish, decision, waitsFor)
    }

    private func wait(_ delay: Duration, _ reason: String?) -> RunWait {
        RunWait(delay: delay, reason: reason, isHeld: executor.holdsWaits)
    }

    private mutating func decide(after result: StepResult?) -> Decision {
        let context = templateContext()
        let workflow = setting.definition
        let isReady = isSetUp(after: result)
        return state.advance(after: result, at: Date(), jitter: .random(in: 0..<1)) { step, status in
            // Nothing runs in a worktree that could not be made ready, whatever the step's own condition says.
            guard isReady else { return false }
            guard let condition = step.condition else { return true }
            var context = context
            context.env = try context.environment(of: step, in: workflow)
            return try context.evaluate(condition, status: status)
        }
    }

    /// False once the set-up has failed for good; asked only when it is not to be tried again.
    private func isSetUp(after result: StepResult?) -> Bool {
        guard let key = setting.setupKey else { return true }
        if let result, result.stepKey == key { return result.status == .succeeded }
        return facts[key]?.status != .failed
    }

    /// The intent row of the attempt that the decision starts.
    private func beginning(_ decision: Decision) async throws -> BeginAttempt? {
        guard case .start(let key, _) = decision.next, let record = record(of: key),
            let step = setting.definition.step(key)
        else { return nil }
        var agent: String?
        var input = JSONValue.object([:])
        if case .agent(let body) = step.body {
            let name = try setting.context.agents.name(for: body)
            agent = name
            input = try AgentStart(account: account(of: step), resume: try await resume(step, agent: name)).input(
                prompt: (try? templateContext(for: step).render(body.prompt)) ?? body.prompt)
        }
        return BeginAttempt(
            runID: run.id, fence: run.fence, stepID: record.id, agent: agent, input: input,
            commitBefore: lastCommit, branchBefore: branchTip)
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

    func templateContext() -> TemplateContext {
        TemplateContext(
            taskNumber: setting.task.number, taskTitle: setting.task.title, taskPrompt: setting.task.prompt,
            repositoryName: setting.repository.name, repositoryURL: setting.repository.url,
            repositoryBranch: setting.repository.defaultBranch ?? "",
            baseBranch: setting.context.baseName ?? "", baseCommit: setting.environment.baseCommit,
            runNumber: run.number, inputs: setting.context.inputs, env: [:], steps: facts)
    }

    /// What the step's prompt sees: the declared environment too, where it can be rendered.
    func templateContext(for step: WorkflowStep) -> TemplateContext {
        var context = templateContext()
        context.env = (try? context.environment(of: step, in: setting.definition)) ?? [:]
        return context
    }

    private static func json(_ facts: StepFacts) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try JSONDecoder().decode(JSONValue.self, from: encoder.encode(facts))
    }
}
