import Foundation
import Git
import RunnerCore
import Store

extension RunWalk {
    /// What the forks of the run have come to so far.
    mutating func loadCandidates() async throws {
        guard state.steps.contains(where: { $0.isTurn && setting.definition.step($0.key)?.kind == "candidate" }) else {
            return
        }
        candidates = try await store.candidates(of: run.id)
        for candidate in candidates where candidate.status?.isTerminal == true {
            let steps = try await store.steps(of: candidate.runID)
            let told = RunFacts.recorded(steps, try await store.attempts(of: candidate.runID), [], nil)
            candidateFacts[candidate.stepKey] = StepFacts(
                together: steps.compactMap { told[$0.key] },
                status: candidate.status == .completed ? .succeeded : .failed, error: candidate.error)
        }
    }

    /// Takes in which candidates have ended since the run let go.
    mutating func endedCandidates() -> [Decision.StepChange] {
        var changes: [Decision.StepChange] = []
        for candidate in candidates {
            guard state.step(candidate.stepKey)?.status == .waiting, let status = candidate.status, status.isTerminal
            else { continue }
            let failure = candidate.error ?? "task \(candidate.task?.number ?? 0) \(status.rawValue)"
            changes.append(
                state.closeGate(
                    candidate.stepKey, passed: status == .completed, error: status == .completed ? nil : failure))
        }
        return changes
    }

    /// Makes the tasks of the fork's candidates where they are not there yet, and lets go until all have ended.
    mutating func fork(atGroup key: String) async throws -> RunEnd {
        guard let group = setting.definition.step(key)?.group else {
            throw EngineError(.internalFault, "step \"\(key)\" is no fork", hint: nil)
        }
        let waiting = state.children(named: key).filter { $0.status == .waiting }
        try await executor.control.confirm()
        try await store.nameCandidates(run.id, fence: run.fence, waiting.compactMap { records[$0.key]?.id })
        var tasks: [TaskRecord] = []
        for candidate in try await store.candidates(of: run.id) {
            guard waiting.contains(where: { $0.key == candidate.stepKey }) else { continue }
            if let task = candidate.task {
                tasks.append(task)
            } else {
                let new = try await newTask(candidate, of: group, key)
                tasks.append(try await executor.workspace.create(new).task)
            }
        }
        executor.progress(.note("its candidates are the tasks \(tasks.map { "\($0.number)" }.joined(separator: ", "))"))
        _ = try await BackgroundDaemon(workspace: executor.workspace).ensure()
        try await store.parkRun(
            run.id, fence: run.fence, until: tasks.map(\.id), rule: .ended, isHeld: executor.holdsWaits)
        try await cancelIfWished()
        return .waitingForTasks
    }

    /// A wish to cancel that came while the run let go finds nobody else.
    func cancelIfWished() async throws {
        guard try await store.cancelRequested(run.id) else { return }
        _ = try await store.requestCancel(of: run.id, cleanupAfter: setting.repository.settings.retention)
    }

    private func newTask(_ candidate: CandidateRun, of group: GroupBody, _ key: String) async throws -> NewTask {
        guard let own = setting.definition.candidate(candidate.stepKey), let base = ObjectID(lastCommit) else {
            throw EngineError(.internalFault, "step \"\(key)\" is no fork", hint: nil)
        }
        let number = StepPath(candidate.stepKey).turn ?? 1
        let place = try RunScope(state: state, facts: visibleFacts, base: baseContext()).place(of: key)
        var context = setting.context
        context.candidateOf = (setting.context.candidateOf ?? []) + [candidate.stepKey]
        context.inputs = place.context.inputs
        context.turn = place.context.turn
        context.env = place.workflow.env
        context.baseCommit = base
        context.continuation = nil
        context.fork = ForkOrigin(
            task: setting.task.number, run: run.number, step: key, environment: setting.environment.id,
            facts: place.context.steps)
        let agent = group.agents.isEmpty ? nil : group.agents[(number - 1) % group.agents.count]
        if let agent, agent != AgentBody.defaultAgent {
            context.agents.defaultAgent = agent
            context.agents.model = nil
        }
        let definition = own.settingUp(with: context.scripts)
        let setupKey = context.scripts?.setup == nil ? nil : own.setupKey
        return NewTask(
            repositoryID: setting.repository.id,
            title: String("\(setting.task.title) (\(name(of: number, in: group)))".prefix(1_000)),
            prompt: setting.task.prompt, labels: ["candidate"], source: "shell",
            workflowVersionID: try await store.workflowVersion(of: run.id), context: try context.json(),
            steps: definition.newSteps(setupKey: setupKey), agent: context.agents.defaultAgent,
            // Checkpoints are in this host's clone.
            host: HostIdentity.hostname, runID: candidate.runID)
    }

    /// What the judge of a fork, and what takes over its winner, choose from; nil for any other step.
    func candidateList(for key: String) -> [CandidateView]? {
        guard let parent = StepPath(key).parent?.text, setting.definition.step(parent)?.group?.kind == .fork,
            StepPath(key).components.last?.number == nil
        else { return nil }
        return candidates.compactMap { candidate -> CandidateView? in
            guard StepPath(candidate.stepKey).parent?.text == parent, let number = StepPath(candidate.stepKey).turn,
                let task = candidate.task, let status = candidate.status
            else { return nil }
            let told = candidateFacts[candidate.stepKey]
            return CandidateView(
                number: number, task: task.number, status: status.rawValue,
                path: candidate.environment.flatMap { $0.status == .terminated ? nil : $0.worktreePath },
                branch: candidate.environment?.branch, commit: candidate.environment?.headCommit,
                cost: candidate.costUSD, outputs: told?.outputs ?? [:], result: told?.result,
                error: candidate.error)
        }
    }

    private func name(of number: Int, in group: GroupBody) -> String {
        guard group.joins, group.steps.indices.contains(number - 1) else {
            return "candidate \(number) of \(group.limit)"
        }
        return group.steps[number - 1].id
    }

    /// What the runner does at the end of the group to which the job's step belongs.
    func groupWork(_ task: GroupTask, _ job: StepJob) -> @Sendable () async throws -> StepOutcome {
        let work = GroupWork(
            job: job, workspace: executor.workspace, author: setting.author, control: executor.control)
        let candidates = job.candidates ?? []
        let parent = StepPath(job.step.id).parent?.text ?? ""
        let judge = setting.definition.step(parent)?.group?.judge.first
        switch task {
        case .winner:
            let choice = choice(among: candidates, judge: judge.map { StepPath.key(in: parent, turn: nil, id: $0.id) })
            return { try await work.takeOver(choice) }
        case .merge:
            return { try await work.merge(candidates, mayConflict: judge != nil) }
        case .merged:
            let merge = facts[StepPath.key(in: parent, turn: nil, id: GroupTask.merge.rawValue)]
            let files = (merge?.outputs["files"] ?? "").split(separator: "\n").map(String.init)
            return { try await work.checkResolved(files) }
        }
    }

    /// Which candidate is to be taken over; `judge` is the key of the step that chooses, nil: the highest score does.
    private func choice(among all: [CandidateView], judge: String?) -> WinnerChoice {
        let able = all.filter { $0.status == RunStatus.completed.rawValue }
        guard !able.isEmpty else {
            return .none(
                "none of the \(all.count) candidates succeeded: \(CandidateText.failures(of: all)); with the cause mended, "
                    + "runner retry \(setting.task.number) has new ones made")
        }
        if able.count == 1 { return .candidate(able[0], reason: "the only one that succeeded") }
        guard let name = judge else { return .byScore(able) }
        guard let verdict = facts[name] else { return .none("the judge \"\(name)\" gave no verdict") }
        guard
            let number = verdict.outputs["winner"].flatMap({ Int($0.filter { !$0.isWhitespace }) })
                ?? verdict.result.flatMap(CandidateText.winner(in:))
        else {
            return .none(
                "the judge \"\(name)\" named no winner: it sets the output winner to a number, or says \"Winner: 2\"")
        }
        guard let chosen = able.first(where: { $0.number == number }) else {
            let numbers = able.map { "\($0.number)" }.joined(separator: ", ")
            return .none("the judge \"\(name)\" chose candidate \(number); those that succeeded are \(numbers)")
        }
        return .candidate(chosen, reason: "chosen by \(name)")
    }
}
