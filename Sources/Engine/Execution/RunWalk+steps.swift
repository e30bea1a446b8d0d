import Agents
import Foundation
import RunnerCore
import Store

extension RunWalk {
    /// Records the end of an attempt together with what follows from it.
    mutating func conclude(
        _ ended: (job: StepJob, outcome: StepOutcome), othersRun: Bool
    ) async throws -> (Decision, AttemptRecord?) {
        let (job, key) = (ended.job, ended.job.step.id)
        let (finish, decision) = try await conclusion(of: ended.outcome, job, othersRun: othersRun)
        // Recorded also when this worker is about to let go of the run: the end of an attempt is never lost.
        let store = store
        try await executor.workspace.packs?.keep(job, after: finish.attempt, progress: executor.progress)
        ChaosPoint.packKept.reach()
        await keepSubmodules(job, after: finish.attempt)
        let next = try await Task { try await store.finishAttempt(finish) }.value
        isEnded = finish.finish != nil
        ChaosPoint.attemptFinished.reach()
        try? FileManager.default.removeItem(
            atPath: executor.workspace.home.attempt(job.attempt.id.description))
        ChaosPoint.attemptFolderRemoved.reach()
        executor.progress(.stepFinished(job.record, finish.attempt))
        if key == setting.setupKey, finish.attempt.status == .succeeded { await keepDependencies(job) }
        announceSkips(decision, except: key)
        if let wait = finish.wait { announce(wait) }
        try await noteUnpriced(ended.outcome, of: key)
        return (decision, next)
    }

    /// What is to be recorded of an outcome, and what is decided by it.
    private mutating func conclusion(
        of ended: StepOutcome, _ job: StepJob, othersRun: Bool
    ) async throws -> (FinishAttempt, Decision) {
        var outcome = ended
        let key = job.step.id
        // Conditions of later steps read these, so they must be there before the next step is decided on.
        facts[key] = outcome.facts
        let isCancelled =
            executor.cancellation.level > .none && [.cancelled, .interrupted].contains(outcome.attempt.status)
        lastAttempts[key] = outcome.attempt
        outcome.result.passesOn = try await passesOn(outcome, job.step)
        outcome.result = try await replayed(outcome.result, job)
        let decided = isCancelled ? state.cancelRun() : decide(after: outcome.result)
        let (decision, hold) = try await held(decided, after: outcome)
        let stepStatus = state.step(key)?.status ?? .failed
        outcome.facts.status = stepStatus
        outcome.facts.outcome = state.step(key)?.outcomeStatus ?? stepStatus
        facts[key] = outcome.facts
        if outcome.attempt.status == .interrupted, case .start(key, _) = decision.next {
            // What others have at hand there is theirs; a step beside others writes nothing.
            if job.isAlone {
                try await AttemptCommit(
                    job: job, home: executor.workspace.home, lane: executor.workspace.lane, author: setting.author,
                    control: executor.control
                ).rewind(outcome.attempt)
            }
            lastCommit = job.attempt.commitBefore ?? lastCommit
            branchTip = job.attempt.branchBefore
        } else {
            lastCommit = outcome.attempt.commitAfter ?? lastCommit
            branchTip = outcome.branchTip ?? branchTip
        }
        if let base = outcome.base { setting.environment.baseCommit = base }
        outcome.attempt.output = try RunWalk.json(outcome.facts)
        try await extend(decision)
        var finish = FinishAttempt(
            runID: run.id, fence: run.fence, attempt: outcome.attempt, tools: outcome.tools,
            agent: outcome.agent, stepChanges: changes(decision.stepChanges), next: try await beginning(decision),
            head: lastCommit)
        finish.turns = turns(decision.stepChanges)
        finish.artifacts = outcome.artifacts
        finish.base = outcome.base
        if !othersRun {
            let known = hold ?? decision.next.stepKey.flatMap { budgetHolds[$0] }
            finish.wait = wait(decision, known ?? RunHold(reason: outcome.attempt.error))
            // A result is published before its run has ended, and after its commit is recorded: in between, then.
            if case .finish(let status, let error) = decision.next, !publishes {
                finish.finish = RunFinish(
                    status: status, error: error, cleanupAfter: setting.repository.settings.retention)
            }
        }
        return (finish, decision)
    }

    /// How the run lets go, where the decision is to wait.
    func wait(_ decision: Decision, _ hold: RunHold?) -> RunWait? {
        switch decision.next {
        case .retry(_, _, let delay):
            RunWait(delay: delay, reason: hold?.reason, budget: hold?.budget, isHeld: executor.holdsWaits)
        case .hold: RunWait(delay: nil, reason: hold?.reason, budget: hold?.budget)
        case .start, .approval, .fork, .wait, .finish: nil
        }
    }

    mutating func decide(after result: StepResult?) -> Decision {
        let (facts, base) = (visibleFacts, baseContext())
        let isReady = isSetUp(after: result)
        return state.advance(
            after: result, at: Date(), jitter: .random(in: 0..<1),
            count: { step, status in try RunScope(state: status.run, facts: facts, base: base).items(of: step).count },
            evaluate: { step, status in
                // Nothing runs in a worktree that could not be made ready, whatever the step's own condition says.
                guard isReady else { return false }
                guard let condition = step.condition else { return true }
                let place = try RunScope(state: status.run, facts: facts, base: base).place(of: step.id)
                var context = place.context
                context.env = try context.environment(of: step, in: place.workflow)
                return try context.evaluate(condition, status: status)
            })
    }

    /// False once the set-up has failed for good; asked only when it is not to be tried again.
    private func isSetUp(after result: StepResult?) -> Bool {
        guard let key = setting.setupKey else { return true }
        if let result, result.stepKey == key { return result.status == .succeeded }
        return facts[key]?.status != .failed
    }

    /// The intent row of the attempt that the decision starts.
    func beginning(_ decision: Decision) async throws -> BeginAttempt? {
        guard case .start(let key, _) = decision.next, let record = records[key],
            let step = setting.definition.step(key)
        else { return nil }
        var agent: String?
        var input = JSONValue.object([:])
        if case .agent(let body) = step.body {
            let index = agentTurns[key] ?? 0
            let chosen = try setting.context.agents.chosen(body, index)
            agent = chosen.name
            let prompt = (try? place(of: step).context.render(body.prompt)) ?? body.prompt
            let isBounded = try AgentCatalog.adapter(chosen.name).budgetOption.map { chosen.with[$0] == nil } ?? false
            input = try AgentStart(
                account: account(of: step, index), resume: try await resume(step, agent: chosen.name),
                budget: isBounded ? agentBudgets[key] : nil, fallback: index == 0 ? nil : index,
                handover: try await handover(step, to: chosen.name)
            ).input(
                prompt: prompt + (reworkNote(for: key) ?? ""))
        }
        return BeginAttempt(
            runID: run.id, fence: run.fence, stepID: record.id, agent: agent, input: input,
            commitBefore: lastCommit, branchBefore: branchTip)
    }

    /// Makes the rows of steps that the decision adds, and has those that it takes back begin again.
    mutating func extend(_ decision: Decision) async throws {
        guard !decision.newSteps.isEmpty || !decision.reopened.isEmpty else { return }
        var added: [StepRecord] = []
        for key in decision.newSteps where records[key] == nil {
            guard let step = setting.definition.step(key), let position = state.layout.position(of: key) else {
                continue
            }
            let parent = StepPath(key).parent.flatMap { records[$0.text] }
            let record = StepRecord(
                runID: run.id, parentID: parent?.id, position: position, key: key, kind: step.kind,
                stage: step.stage ?? parent?.stage)
            records[key] = record
            added.append(record)
        }
        try await store.extendRun(
            run.id, fence: run.fence, adding: added, reopening: decision.reopened.compactMap { records[$0]?.id })
    }

    mutating func record(_ decision: Decision) async throws {
        try await extend(decision)
        let ended = changes(decision.stepChanges)
        if !ended.isEmpty {
            try await store.setStepStatuses(
                run.id, fence: run.fence, ended, turns: turns(decision.stepChanges))
        }
        announceSkips(decision, except: "")
    }

    private func announceSkips(_ decision: Decision, except key: String) {
        for change in decision.stepChanges where change.status == .skipped && change.key != key {
            if let record = records[change.key] { executor.progress(.stepSkipped(record)) }
        }
    }

    /// A step that starts is recorded with its attempt, not here; a group has none.
    private func changes(_ changes: [Decision.StepChange]) -> [(StepID, StepStatus)] {
        changes.compactMap { change in
            guard let record = records[change.key] else { return nil }
            if change.status == .running, setting.definition.step(change.key)?.group == nil { return nil }
            // A gate waits from the statement that asks: an old answer is none to a new question.
            if change.status == .waiting, record.kind == "approval" { return nil }
            return (record.id, change.status)
        }
    }

    private func turns(_ changes: [Decision.StepChange]) -> [StepID: Int] {
        Dictionary(
            changes.compactMap { change in
                guard let turn = change.turn, let record = records[change.key] else { return nil }
                return (record.id, turn)
            }, uniquingKeysWith: { $1 })
    }

    private static func json(_ facts: StepFacts) throws -> JSONValue {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try JSONDecoder().decode(JSONValue.self, from: encoder.encode(facts))
    }
}
