import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

/// The walk through a run's steps: decide, record, run, and again until the end.
struct RunWalk {
    let executor: RunExecutor
    var setting: RunSetting
    var state: RunState
    var facts: [String: StepFacts]
    /// By key; grows where a group comes to have more steps.
    var records: [String: StepRecord]
    /// The commit that holds the worktree, and the one at which the branch stands.
    var lastCommit: String
    var branchTip: String?
    /// By step: what an agent's session is gone on from.
    var lastAttempts: [String: AttemptRecord]
    /// Of gates, oldest first.
    let approvals: [ApprovalRecord]
    /// Of the forks of the run, as they were when it was taken up.
    var candidates: [CandidateRun] = []
    /// What the steps of each candidate that has ended left together, by its key.
    var candidateFacts: [String: StepFacts] = [:]
    /// Gates whose answer counts no more, because what was shown has changed.
    var changedGates: Set<String> = []
    /// By step that begins: the budget with the least money left.
    var agentBudgets: [String: BudgetStanding] = [:]
    /// By step that begins: which of its agents, as `AgentTurn` counts them.
    var agentTurns: [String: Int] = [:]
    /// By step that a budget keeps waiting.
    var budgetHolds: [String: RunHold] = [:]
    var budgetsRead: (budgets: BudgetsInForce, at: ContinuousClock.Instant)?
    var hasNotedUnpriced = false
    /// Since the run was made, or begun again by a person.
    private var workTime: WorkTime
    /// The end of the run was recorded with that of its last attempt.
    var isEnded = false
    /// Made for the first step: the supervisor and the prices are looked up once for a run.
    private var madeRunner: StepRunner?
    private let cause = WalkCause()

    init(executor: RunExecutor, setting: RunSetting) {
        self.executor = executor
        self.setting = setting
        state = setting.state
        facts = setting.facts
        records = Dictionary(setting.steps.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        lastCommit = setting.environment.headCommit ?? setting.environment.baseCommit
        branchTip = setting.isFresh ? setting.environment.baseCommit : nil
        lastAttempts = [:]
        approvals = setting.approvals
        let begun = setting.context.reopenedAt.map { Date(timeIntervalSince1970: $0) } ?? setting.run.createdAt
        workTime = WorkTime(setting.attempts, since: begun)
        let keys = Dictionary(setting.steps.map { ($0.id, $0.key) }, uniquingKeysWith: { $1 })
        for attempt in setting.attempts where attempt.status != .running {
            guard let key = keys[attempt.stepID] else { continue }
            if attempt.number > lastAttempts[key]?.number ?? 0 { lastAttempts[key] = attempt }
        }
    }

    var store: Store { executor.workspace.store }
    var run: RunRecord { setting.run }

    /// An attempt that came to its end; nil: a step that waits beside others is due.
    private typealias Ended = (job: StepJob, outcome: StepOutcome)?

    mutating func run() async throws -> RunEnd {
        try await loadCandidates()
        return try await withThrowingTaskGroup(of: Ended.self) { group in
            do {
                return try await walk(&group)
            } catch {
                // Leaving the group cancels what else runs in it, which has to know why.
                cause.note(error)
                throw error
            }
        }
    }

    private mutating func walk(_ group: inout ThrowingTaskGroup<Ended, any Error>) async throws -> RunEnd {
        var running = try launchOpen(&group)
        var (decision, attempt) = try await first()
        var timedUntil: ContinuousClock.Instant?
        while true {
            switch decision.next {
            case .start(let key, _):
                guard let current = attempt else {
                    throw EngineError(.internalFault, "step \"\(key)\" has no attempt", hint: nil)
                }
                try launch(key, current, isOpen: false, &group)
                running += 1
                if setting.definition.runsBesideOthers(key) {
                    (decision, attempt) = try await more()
                    continue
                }
            case .finish(let status, let error) where running == 0:
                group.cancelAll()
                return .ended(try await finish(status, error))
            case .retry(_, _, let delay) where running == 0:
                group.cancelAll()
                try await cancelIfWished()
                try await wakeIfRaised()
                return .waiting(until: Date().addingTimeInterval(delay / .seconds(1)))
            // Nobody is asked, and nobody set to work, for a run that is to end.
            case .approval where running == 0 && executor.cancellation.level > .none,
                .fork where running == 0 && executor.cancellation.level > .none:
                decision = state.cancelRun()
                try await record(decision)
                continue
            case .approval(let key) where running == 0:
                group.cancelAll()
                return try await wait(atGate: key)
            case .hold where running == 0:
                group.cancelAll()
                try await cancelIfWished()
                try await wakeIfRaised()
                return .held
            case .retry(_, _, let delay):
                let due = ContinuousClock.now + delay
                // One that rings later only asks once more.
                if timedUntil.map({ due < $0 }) ?? true {
                    timedUntil = due
                    group.addTask {
                        try? await Task.sleep(until: due, clock: .continuous)
                        return nil
                    }
                }
            case .fork(let key) where running == 0:
                group.cancelAll()
                return try await fork(atGroup: key)
            case .wait, .finish, .approval, .fork, .hold: break
            }
            guard let ended = try await group.next() else {
                throw EngineError(.internalFault, "nothing runs and nothing is left to do", hint: nil)
            }
            if let ended {
                running -= 1
                workTime.end(ended.job.attempt.id, at: Date())
                (decision, attempt) = try await conclude(ended, othersRun: running > 0)
            } else {
                timedUntil = nil
                (decision, attempt) = try await more()
            }
        }
    }

    /// Goes on with what an earlier owner left running.
    private mutating func launchOpen(_ group: inout ThrowingTaskGroup<Ended, any Error>) throws -> Int {
        for attempt in setting.openAttempts {
            guard let key = setting.steps.first(where: { $0.id == attempt.stepID })?.key else { continue }
            lastCommit = attempt.commitBefore ?? lastCommit
            branchTip = attempt.branchBefore
            try launch(key, attempt, isOpen: true, &group)
        }
        return setting.openAttempts.count
    }

    /// Decides where to begin.
    private mutating func first() async throws -> (Decision, AttemptRecord?) {
        if let open = setting.openAttempts.first, let key = setting.steps.first(where: { $0.id == open.stepID })?.key {
            guard setting.definition.runsBesideOthers(key) else {
                return (Decision(stepChanges: [], next: .wait(stepKey: key)), nil)
            }
            return try await more()
        }
        if !setting.isFresh { (lastCommit, branchTip) = try await currentCommits() }
        let isCancelled = executor.cancellation.level > .none
        let gate = isCancelled ? nil : try await openGate()
        let ended = isCancelled ? [] : endedCandidates()
        let (decided, hold) =
            isCancelled ? (state.cancelRun(), nil) : try await held(decide(after: nil), after: nil)
        var decision = decided
        for change in [gate].compactMap({ $0 }) + ended
        where !decision.stepChanges.contains(where: { $0.key == change.key }) {
            decision.stepChanges.insert(change, at: 0)
        }
        try await record(decision)
        if let wait = wait(decision, hold) {
            try await store.parkRun(run.id, fence: run.fence, wait)
            announce(wait)
        }
        guard let begin = try await beginning(decision) else { return (decision, nil) }
        return (decision, try await store.beginAttempt(begin))
    }

    /// What may begin beside what runs.
    private mutating func more() async throws -> (Decision, AttemptRecord?) {
        let (decision, _) = try await held(decide(after: nil), after: nil)
        try await record(decision)
        guard let begin = try await beginning(decision) else { return (decision, nil) }
        return (decision, try await store.beginAttempt(begin))
    }

    private mutating func stepRunner() throws -> StepRunner {
        if let madeRunner { return madeRunner }
        let made = try executor.workspace.stepRunner(
            author: setting.author, control: executor.control, cause: cause)
        madeRunner = made
        return made
    }

    /// Runs one attempt, or goes on with an open one, beside whatever else runs.
    private mutating func launch(
        _ key: String, _ attempt: AttemptRecord, isOpen: Bool,
        _ group: inout ThrowingTaskGroup<Ended, any Error>
    ) throws {
        guard let step = setting.definition.step(key), let record = records[key] else {
            throw EngineError(.internalFault, "the workflow has no step \"\(key)\"", hint: nil)
        }
        let progress = executor.progress
        progress(
            isOpen ? .stepAdopted(record, attempt: attempt.number) : .stepStarted(record, attempt: attempt.number))
        let place = place(of: step)
        var made = StepJob(
            task: setting.task, repository: setting.repository, run: run, environment: setting.environment,
            definition: place.workflow, step: step, record: record, attempt: attempt, context: place.context,
            agents: setting.context.agents, scripts: setting.context.scripts)
        made.isAlone = !setting.definition.mayHaveCompany(key)
        made.rework = reworkNote(for: key)
        made.candidates = candidateList(for: key)
        if let limit = setting.definition.timeout {
            // Counted to the recorded beginning, so that whoever goes on with the attempt comes to the same.
            made.runLimit = RunLimit(limit: limit, left: limit - workTime.total(until: attempt.startedAt))
            workTime.begin(attempt.id, at: attempt.startedAt)
        }
        let job = made
        switch step.body {
        case .task(let task):
            let work = groupWork(task, job)
            group.addTask { (job, try await work()) }
        case .tool(let tool):
            let use = ToolUse(
                job: job, tool: tool, workspace: executor.workspace, author: setting.author,
                control: executor.control, progress: progress)
            group.addTask { (job, try await use.run()) }
        case .script, .agent, .approval, .group, .candidate:
            let runner = try stepRunner()
            group.addTask {
                let outcome =
                    try await isOpen ? runner.resume(job, progress: progress) : runner.run(job, progress: progress)
                return (job, outcome)
            }
        }
    }
}
