package import Foundation

extension RunState {
    /// An attempt whose worker went away is tried again this often before the step counts as failed.
    ///
    /// Counted since its last attempt that came to an end of its own.
    package static let interruptionLimit = 5
    /// A step waits this often for a limit whose end is known before the step counts as failed.
    package static let limitWaits = 10

    /// Takes in how an attempt ended and decides what is next; `nil` begins a run or goes on with a recorded one.
    ///
    /// Pure and total; `nil` while a step runs answers `wait`, or `retry` where another becomes due beside it. A result
    /// for a step that is not running changes nothing. `evaluate` is asked after the result was taken in: let it see the outputs and exit
    /// status of the step that has just ended. It says whether a step's condition holds (`TemplateContext.evaluate`); a
    /// step whose condition cannot be evaluated fails. Steps that are skipped are ended at once. After a cancelled
    /// attempt only steps that ask for `always()` or `cancelled()` still run.
    package mutating func advance(
        after result: StepResult?, at now: Date, jitter: Double = 0,
        count: (_ step: WorkflowStep, _ status: StatusValues) throws -> Int = { _, _ in 0 },
        evaluate: (_ step: WorkflowStep, _ status: StatusValues) throws -> Bool
    ) -> Decision {
        var draft = Draft()
        var retry: Decision.Next?
        if let result, let index = index(of: result.stepKey),
            let step = workflow.step(result.stepKey), steps[index].status == .running, step.group == nil
        {
            retry = take(result, step, at: index, now: now, jitter: jitter)
            draft.note(change(at: index))
            if let retry, case .start = retry { return draft.decision(retry) }
        }
        while true {
            if settle(&draft, evaluate: evaluate) { continue }
            guard let index = candidate(at: now) else {
                let rest = rest(at: now)
                // The delay as it was decided on, not as the clock makes it.
                if let retry, case .retry = rest, retry.stepKey == rest.stepKey { return draft.decision(retry) }
                return draft.decision(rest)
            }
            if steps[index].status == .waiting || begin(at: index, &draft, count, evaluate) {
                steps[index].status = .running
                steps[index].attempts += 1
                steps[index].retryAt = nil
                draft.note(change(at: index))
                return draft.decision(.start(stepKey: steps[index].key, attempt: steps[index].attempts))
            }
        }
    }

    /// Decides about a pending step; true when an attempt of it is to be started.
    private mutating func begin(
        at index: Int, _ draft: inout Draft, _ count: (WorkflowStep, StatusValues) throws -> Int,
        _ evaluate: (WorkflowStep, StatusValues) throws -> Bool
    ) -> Bool {
        guard let step = workflow.step(steps[index].key), isDue(index), hasChoice(index) else {
            steps[index].status = .skipped
            draft.note(change(at: index))
            return false
        }
        guard decide(step, at: index, evaluate) else {
            draft.note(change(at: index))
            return false
        }
        switch step.body {
        case .script, .agent, .task, .tool: return true
        case .approval, .candidate:
            steps[index].status = .waiting
            draft.note(change(at: index))
        case .group(let group):
            open(group, at: index, &draft, count: count)
        }
        return false
    }

    /// The first step that may begin now: a pending one whose turn it is, or one that has waited long enough.
    ///
    /// What has begun and not ended keeps everything after it back, but for its siblings in a group whose steps run
    /// side by side.
    private func candidate(at now: Date) -> Int? {
        var beside: (parent: String, room: Int)?
        for index in steps.indices where !steps[index].status.isTerminal {
            let step = steps[index]
            if let beside, step.parent != beside.parent || beside.room <= 0 { return nil }
            if step.status == .pending { return isHeldByCandidates(index) ? nil : index }
            if step.status == .running, workflow.step(step.key)?.group != nil { continue }
            if step.status == .waiting, let due = step.retryAt, due <= now { return index }
            // The run was recorded as waiting for a time that is not known.
            if step.status == .waiting, step.retryAt == nil, !isInOtherHands(step) { return index }
            guard let parent = step.parent, let group = workflow.step(parent)?.group, group.width > 1 else {
                return nil
            }
            beside = (parent, (beside?.room ?? group.width) - 1)
        }
        return nil
    }

    /// Whether the step waits for a person or for other tasks, not for a time.
    private func isInOtherHands(_ step: StepState) -> Bool {
        switch workflow.step(step.key)?.body {
        case .approval, .candidate: true
        case .script, .agent, .group, .task, .tool, nil: false
        }
    }

    /// What chooses among the candidates of a fork waits until all have ended.
    private func isHeldByCandidates(_ index: Int) -> Bool {
        guard let parent = steps[index].parent, workflow.step(parent)?.group?.kind == .fork,
            !steps[index].isTurn
        else { return false }
        return steps[..<index].contains { $0.parent == parent && !$0.status.isTerminal }
    }

    /// False for what was made for a turn that never came: its group has ended, or has fewer turns.
    private func isDue(_ index: Int) -> Bool {
        guard let parent = steps[index].parent.flatMap({ self.index(of: $0) }) else { return true }
        guard steps[parent].status == .running else { return false }
        guard let turn = steps[index].ownTurn, workflow.step(steps[parent].key)?.group?.isNumbered == true else {
            return true
        }
        return turn <= steps[parent].turn
    }

    /// A judge has work when there is something to choose from; nothing is merged unless all succeeded.
    private func hasChoice(_ index: Int) -> Bool {
        guard let parent = steps[index].parent, let group = workflow.step(parent)?.group, group.kind == .fork else {
            return true
        }
        let able = children(of: parent).count {
            steps[$0].isTurn && steps[$0].status == .succeeded
        }
        if group.joins { return steps[index].isTurn || able == group.limit }
        return able > 1 || !group.judge.contains { $0.id == steps[index].id }
    }

    /// What is left to do when nothing may begin.
    private func rest(at now: Date) -> Decision.Next {
        let open = steps.filter { !$0.status.isTerminal && workflow.step($0.key)?.group == nil }
        let running = open.first { $0.status == .running }
        let waiting = open.filter { $0.status == .waiting }
        let timed = waiting.compactMap { step in step.retryAt.map { (step: step, due: $0) } }
        let next = timed.min { $0.due < $1.due }
        // What becomes due beside what runs does not wait for that.
        if let running, next.map({ $0.due == .distantFuture }) ?? true { return .wait(stepKey: running.key) }
        if let next {
            guard next.due < .distantFuture else { return .hold(stepKey: next.step.key) }
            return .retry(
                stepKey: next.step.key, attempt: next.step.attempts + 1,
                after: .seconds(max(next.due.timeIntervalSince(now), 0)))
        }
        if let open = waiting.first {
            let isCandidate = workflow.step(open.key)?.kind == "candidate"
            return isCandidate ? .fork(stepKey: open.parent ?? open.key) : .approval(stepKey: open.key)
        }
        return finish
    }

    /// Ends the run now: whatever has not ended is cancelled, `always()` steps included.
    package mutating func cancelRun() -> Decision {
        isCancelled = true
        var changes: [Decision.StepChange] = []
        for index in steps.indices where !steps[index].status.isTerminal {
            if steps[index].status == .running { steps[index].outcome = .cancelled }
            steps[index].status = .cancelled
            steps[index].retryAt = nil
            changes.append(change(at: index))
        }
        return Decision(stepChanges: changes, next: finish)
    }

    /// The error of a step that was given up because its attempts never came to an end of their own.
    static func interruptedTooOften(_ last: String?) -> String {
        "it was interrupted \(interruptionLimit) times in a row" + (last.map { ", the last time because \($0)" } ?? "")
    }

    /// Notes a result; the answer is not nil when the step is to be tried again.
    private mutating func take(
        _ result: StepResult, _ step: WorkflowStep, at index: Int, now: Date, jitter: Double
    ) -> Decision.Next? {
        steps[index].outcome = result.status
        steps[index].error = result.error
        if result.status != .interrupted { steps[index].interruptions = 0 }
        switch result.status {
        case .succeeded:
            steps[index].status = .succeeded
        case .cancelled:
            steps[index].status = .cancelled
            isCancelled = true
        case .interrupted:
            steps[index].interruptions += 1
            if steps[index].interruptions < RunState.interruptionLimit, !isCancelled {
                steps[index].uncounted += 1
                return retry(at: index, after: .zero, now)
            }
            steps[index].error = RunState.interruptedTooOften(result.error)
            steps[index].status = step.continueOnError ? .succeeded : .failed
        case .failed where result.failureClass == .budget && !isCancelled:
            // What it waits for is decided by whoever knows the budget.
            steps[index].limits = 0
            steps[index].uncounted += 1
            steps[index].status = .waiting
            steps[index].retryAt = .distantFuture
            return .hold(stepKey: steps[index].key)
        case .failed, .timedOut, .running:
            let failures = steps[index].attempts - steps[index].uncounted
            let waitsForLimit =
                result.isLimitWithEnd && result.status == .failed && steps[index].limits < RunState.limitWaits
            let delay = RetryDelay.after(
                failures: failures, waits: steps[index].limits, result: result, at: now, jitter: jitter)
            if result.passesOn, !isCancelled, waitsForLimit || !result.isLimitWithEnd {
                steps[index].limits = waitsForLimit ? steps[index].limits + 1 : 0
                steps[index].uncounted += 1
                return retry(at: index, after: .zero, now)
            }
            if waitsForLimit, !isCancelled {
                steps[index].limits += 1
                steps[index].uncounted += 1
                return retry(at: index, after: delay, now)
            }
            steps[index].limits = 0
            if failures < step.maxAttempts, result.failureClass != .permanent, !isCancelled {
                return retry(at: index, after: delay, now)
            }
            steps[index].status = step.continueOnError ? .succeeded : .failed
        }
        return nil
    }

    private mutating func retry(at index: Int, after delay: Duration, _ now: Date) -> Decision.Next {
        if delay == .zero {
            steps[index].attempts += 1
            return .start(stepKey: steps[index].key, attempt: steps[index].attempts)
        }
        steps[index].status = .waiting
        steps[index].retryAt = now.addingTimeInterval(delay.inSeconds)
        return .retry(stepKey: steps[index].key, attempt: steps[index].attempts + 1, after: delay)
    }

    /// True when the pending step is to run; otherwise it has been ended.
    private mutating func decide(
        _ step: WorkflowStep, at index: Int, _ evaluate: (WorkflowStep, StatusValues) throws -> Bool
    ) -> Bool {
        let status = statusValues(at: index, needs: step.needs)
        let decidesItself = step.condition?.replacesImpliedSuccess ?? false
        let isAfterCancel = isCancelled && !(step.condition?.survivesCancellation ?? false)
        do {
            if !isAfterCancel, decidesItself || status.success,
                try step.condition == nil || evaluate(step, status)
            {
                return true
            }
            steps[index].status = isAfterCancel ? .cancelled : .skipped
        } catch {
            // A broken rule is no failing step: continue-on-error does not cover it.
            steps[index].status = .failed
            steps[index].error = "the condition cannot be evaluated: \(error)"
        }
        return false
    }

    /// What failed inside a group counts by what became of the group.
    private var finish: Decision.Next {
        if isCancelled { return .finish(.cancelled, error: nil) }
        guard let failed = steps.first(where: { $0.status == .failed && $0.parent == nil }) else {
            return .finish(.completed, error: nil)
        }
        let verb = failed.outcome == .timedOut ? "timed out" : "failed"
        return .finish(.failed, error: "step \"\(failed.key)\" \(verb)" + (failed.error.map { ": \($0)" } ?? ""))
    }

    func change(at index: Int) -> Decision.StepChange {
        Decision.StepChange(
            key: steps[index].key, status: steps[index].status, error: steps[index].error,
            turn: steps[index].turn > 0 ? steps[index].turn : nil)
    }
}

extension WorkflowCondition {
    /// True when the step may still run once the run is being cancelled.
    var survivesCancellation: Bool {
        statusFunctions.contains(.always) || statusFunctions.contains(.cancelled)
    }
}
