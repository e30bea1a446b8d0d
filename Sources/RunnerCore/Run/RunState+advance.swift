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
    /// Pure and total; `nil` while a step runs answers `wait`. A result for a step that is
    /// not running changes nothing. `evaluate` is asked after the result was taken in: let it see the outputs and exit
    /// status of the step that has just ended. It says whether a step's condition holds (`TemplateContext.evaluate`); a
    /// step whose condition cannot be evaluated fails. Steps that are skipped are ended at once. After a cancelled
    /// attempt only steps that ask for `always()` or `cancelled()` still run.
    package mutating func advance(
        after result: StepResult?, at now: Date, jitter: Double = 0,
        evaluate: (_ step: WorkflowStep, _ status: StatusValues) throws -> Bool
    ) -> Decision {
        var changes: [Decision.StepChange] = []
        if let result, let index = steps.firstIndex(where: { $0.key == result.stepKey }),
            let step = workflow.step(result.stepKey), steps[index].status == .running
        {
            if let retry = take(result, step, at: index, now: now, jitter: jitter) {
                return Decision(stepChanges: [change(at: index)], next: retry)
            }
            changes.append(change(at: index))
        }
        if let next = unfinished(at: now, &changes) { return Decision(stepChanges: changes, next: next) }
        for index in steps.indices where steps[index].status == .pending {
            guard let step = workflow.step(steps[index].key) else { continue }
            if decide(step, at: index, evaluate) {
                steps[index].status = .running
                steps[index].attempts += 1
                changes.append(change(at: index))
                return Decision(
                    stepChanges: changes, next: .start(stepKey: step.id, attempt: steps[index].attempts))
            }
            changes.append(change(at: index))
        }
        return Decision(stepChanges: changes, next: finish)
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
            steps[index].error =
                "it was interrupted \(RunState.interruptionLimit) times in a row"
                + (result.error.map { ", the last time because \($0)" } ?? "")
            steps[index].status = step.continueOnError ? .succeeded : .failed
        case .failed, .timedOut, .running:
            let failures = steps[index].attempts - steps[index].uncounted
            let waitsForLimit =
                result.isLimitWithEnd && result.status == .failed && steps[index].limits < RunState.limitWaits
            let delay = RetryDelay.after(failures: failures, result: result, at: now, jitter: jitter)
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

    /// What a step that has begun and not ended asks for.
    private mutating func unfinished(at now: Date, _ changes: inout [Decision.StepChange]) -> Decision.Next? {
        guard let index = steps.firstIndex(where: { $0.status == .running || $0.status == .waiting }) else {
            return nil
        }
        let step = steps[index]
        if step.status == .running { return .wait(stepKey: step.key) }
        let left = step.retryAt.map { $0.timeIntervalSince(now) } ?? 0
        if left > 0 { return .retry(stepKey: step.key, attempt: step.attempts + 1, after: .seconds(left)) }
        steps[index].status = .running
        steps[index].attempts += 1
        steps[index].retryAt = nil
        changes.append(change(at: index))
        return .start(stepKey: step.key, attempt: steps[index].attempts)
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

    private var finish: Decision.Next {
        if isCancelled { return .finish(.cancelled, error: nil) }
        guard let failed = steps.first(where: { $0.status == .failed }) else { return .finish(.completed, error: nil) }
        let verb = failed.outcome == .timedOut ? "timed out" : "failed"
        return .finish(.failed, error: "step \"\(failed.key)\" \(verb)" + (failed.error.map { ": \($0)" } ?? ""))
    }

    private func change(at index: Int) -> Decision.StepChange {
        Decision.StepChange(key: steps[index].key, status: steps[index].status, error: steps[index].error)
    }
}

extension WorkflowCondition {
    /// True when the step may still run once the run is being cancelled.
    var survivesCancellation: Bool {
        statusFunctions.contains(.always) || statusFunctions.contains(.cancelled)
    }
}
