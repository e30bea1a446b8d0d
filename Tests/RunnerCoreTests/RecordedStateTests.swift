import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("A run as its rows tell it")
struct RecordedStateTests {
    private struct Rows {
        var steps: [StepRecord]
        var attempts: [AttemptRecord] = []
    }

    /// What the engine writes for a decision, as values.
    private func record(_ decision: Decision, _ result: StepResult?, in rows: inout Rows) {
        if let result, let step = rows.steps.first(where: { $0.key == result.stepKey }),
            let index = rows.attempts.lastIndex(where: { $0.stepID == step.id })
        {
            rows.attempts[index].status = result.status
            rows.attempts[index].failureClass = result.failureClass
            rows.attempts[index].retryAt = result.retryAt
            rows.attempts[index].error = result.error
        }
        for change in decision.stepChanges {
            guard let index = rows.steps.firstIndex(where: { $0.key == change.key }) else { continue }
            rows.steps[index].status = change.status
        }
        if case .start(let key, let number) = decision.next, let step = rows.steps.first(where: { $0.key == key }) {
            rows.attempts.append(AttemptRecord(stepID: step.id, number: number))
        }
    }

    @Test("a step that was interrupted too often says so also after its run was taken up by another worker")
    func interruptedTooOften() throws {
        let workflow = AdvanceTests.workflow([try AdvanceTests.script("a")])
        func ending(_ count: Int) -> Decision.Next {
            var step = StepRecord(runID: RunID(), position: 0, key: "a", kind: "run")
            step.status = .failed
            let attempts = (1...count).map {
                AttemptRecord(stepID: step.id, number: $0, status: .interrupted, error: "its worker died")
            }
            var state = RunState(workflow: workflow, steps: [step], attempts: attempts)
            return state.advance(after: nil, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
        }
        let reason = "it was interrupted 5 times in a row, the last time because its worker died"
        #expect(ending(5) == .finish(.failed, error: "step \"a\" failed: \(reason)"))
        #expect(ending(4) == .finish(.failed, error: "step \"a\" failed: its worker died"))
    }

    @Test("after any history the rows give the state that decided on it", arguments: 1...200)
    func sameState(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let workflow = AdvanceTests.workflow([
            try AdvanceTests.script("a", maxAttempts: 3), try AdvanceTests.script("b", continueOnError: true),
        ])
        let run = RunID()
        var rows = Rows(
            steps: ["a", "b"].enumerated().map { StepRecord(runID: run, position: $0, key: $1, kind: "run") })
        var state = RunState(workflow: workflow)
        var now = AdvanceTests.now
        var result: StepResult?
        for _ in 0..<40 {
            let decision = state.advance(after: result, at: now, evaluate: AdvanceTests.evaluate)
            record(decision, result, in: &rows)
            let told = RunState(
                workflow: workflow, steps: rows.steps, attempts: rows.attempts,
                waitsUntil: state.steps.compactMap(\.retryAt).first)
            for (own, other) in zip(state.steps, told.steps) {
                #expect(own.status == other.status && own.attempts == other.attempts)
                #expect(own.uncounted == other.uncounted || own.status.isTerminal, "\(own) \(other)")
                #expect(own.interruptions == other.interruptions || own.status.isTerminal)
                #expect(own.limits == other.limits || own.status.isTerminal)
                #expect(own.retryAt == other.retryAt)
            }
            switch decision.next {
            case .finish: return
            case .wait, .approval, .fork: result = nil
            case .hold:
                _ = state.postpone(decision, by: .zero, at: now)
                result = nil
            case .retry(_, _, let delay):
                now = now.addingTimeInterval(delay / .seconds(1))
                result = nil
            case .start(let key, _):
                let status: AttemptStatus =
                    [.succeeded, .failed, .failed, .interrupted, .timedOut]
                    .randomElement(using: &random) ?? .failed
                let kind: FailureClass? =
                    status == .failed
                    ? [nil, .transient, .limit, .limit, .budget].randomElement(using: &random) ?? nil : nil
                result = StepResult(
                    stepKey: key, status: status, failureClass: kind,
                    retryAt: kind == .limit && Bool.random(using: &random) ? now.addingTimeInterval(60) : nil)
            }
        }
    }

    @Test("attempts before a restart count no more")
    func restart() throws {
        let workflow = AdvanceTests.workflow([try AdvanceTests.script("a", maxAttempts: 2)])
        func state(earlier: Int) -> RunState {
            let step = StepRecord(
                runID: RunID(), position: 0, key: "a", kind: "run", status: .running, earlierAttempts: earlier)
            let attempts = (1...3).map {
                AttemptRecord(stepID: step.id, number: $0, status: $0 == 3 ? .running : .failed)
            }
            return RunState(workflow: workflow, steps: [step], attempts: attempts)
        }
        let failure = StepResult(stepKey: "a", status: .failed)
        var restarted = state(earlier: 2)
        #expect(
            restarted.advance(after: failure, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
                == .start(stepKey: "a", attempt: 4))
        // The control: the same attempts without a restart are all there may be.
        var plain = state(earlier: 0)
        #expect(
            plain.advance(after: failure, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
                == .finish(.failed, error: "step \"a\" failed"))
    }

    @Test("a limit with a known end is waited for beside max-attempts, but not for ever")
    func limits() throws {
        var state = RunState(workflow: AdvanceTests.workflow([try AdvanceTests.script("a")]))
        var now = AdvanceTests.now
        _ = state.advance(after: nil, at: now, evaluate: AdvanceTests.evaluate)
        for _ in 0..<RunState.limitWaits {
            let result = StepResult(
                stepKey: "a", status: .failed, failureClass: .limit, retryAt: now.addingTimeInterval(100))
            let decision = state.advance(after: result, at: now, evaluate: AdvanceTests.evaluate)
            guard case .retry(_, _, let delay) = decision.next else {
                Issue.record("\(decision.next)")
                return
            }
            #expect(delay == .seconds(100))
            now = now.addingTimeInterval(100)
            _ = state.advance(after: nil, at: now, evaluate: AdvanceTests.evaluate)
        }
        let last = StepResult(stepKey: "a", status: .failed, failureClass: .limit, retryAt: now.addingTimeInterval(100))
        let end = state.advance(after: last, at: now, evaluate: AdvanceTests.evaluate)
        #expect(end.next == .finish(.failed, error: "step \"a\" failed"))
    }

    @Test("a limit that goes on after its end is waited for longer each time, so that a minute of it fails no step")
    func passedEnd() throws {
        var state = RunState(workflow: AdvanceTests.workflow([try AdvanceTests.script("a")]))
        var now = AdvanceTests.now
        _ = state.advance(after: nil, at: now, evaluate: AdvanceTests.evaluate)
        let result = StepResult(stepKey: "a", status: .failed, failureClass: .limit, retryAt: now)
        var delays: [Duration] = []
        for _ in 0..<RunState.limitWaits {
            let decision = state.advance(after: result, at: now, evaluate: AdvanceTests.evaluate)
            guard case .retry(_, _, let delay) = decision.next else { break }
            delays.append(delay)
            now = now.addingTimeInterval(60)
            _ = state.advance(after: nil, at: now, evaluate: AdvanceTests.evaluate)
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map { .seconds($0) })
    }

    @Test(
        "delays double up to a limit, and jitter makes them at most a quarter longer",
        arguments: [
            (FailureClass.transient, 1, 5.0), (.transient, 2, 10), (.transient, 3, 20), (.transient, 9, 300),
            (.limit, 1, 30), (.limit, 2, 60), (.limit, 9, 300), (.permanent, 1, 0),
        ])
    func delays(kind: FailureClass, failures: Int, seconds: Double) {
        let result = StepResult(stepKey: "a", status: .failed, failureClass: kind)
        func delay(_ jitter: Double) -> Duration {
            RetryDelay.after(failures: failures, result: result, at: AdvanceTests.now, jitter: jitter)
        }
        #expect(delay(0) == .seconds(seconds))
        #expect(delay(1) == .seconds(seconds * 1.25) && delay(.nan) == delay(0))
    }
}
