import Foundation
import RunnerCore
import Testing

@Suite("What comes after a step")
struct AdvanceTests {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    static func workflow(_ steps: [WorkflowStep]) -> WorkflowDefinition {
        WorkflowDefinition(name: "t", steps: steps)
    }

    static func script(
        _ id: String, needs: [String] = [], if condition: String? = nil, continueOnError: Bool = false,
        maxAttempts: Int = 1
    ) throws -> WorkflowStep {
        WorkflowStep(
            id: id, body: .script(ScriptBody(text: "x")), needs: needs,
            condition: try condition.map { try WorkflowCondition($0) },
            continueOnError: continueOnError, maxAttempts: maxAttempts)
    }

    /// Evaluates by the rule itself: conditions of these tests name status functions only.
    static func evaluate(_ step: WorkflowStep, _ status: StatusValues) throws -> Bool {
        guard let condition = step.condition else { return status.success }
        return try WorkflowTemplateTests.context.evaluate(condition, status: status)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let first: AttemptStatus
        let continueOnError: Bool
        let condition: String?
        let firstStatus: StepStatus
        let secondRuns: Bool

        var testDescription: String { "\(first), continue \(continueOnError), if \(condition ?? "-")" }
    }

    /// Every end of a first step, with and without continue-on-error, against every kind of condition.
    static let table: [Row] = {
        var rows: [Row] = []
        let conditions: [String?] = [
            nil, "true", "false", "success()", "failure()", "always()", "cancelled()", "!cancelled()",
            "success() || failure()",
        ]
        for first in [AttemptStatus.succeeded, .failed, .timedOut, .cancelled] {
            for continues in [false, true] {
                let status: StepStatus =
                    switch first {
                    case .succeeded: .succeeded
                    case .cancelled: .cancelled
                    default: continues ? .succeeded : .failed
                    }
                for condition in conditions {
                    let runs: Bool =
                        switch (status, condition) {
                        case (_, "false"): false
                        case (_, "always()"): true
                        case (.cancelled, "cancelled()"): true
                        case (_, "cancelled()"), (.cancelled, _): false
                        case (.failed, "failure()"), (.failed, "!cancelled()"), (.failed, "success() || failure()"):
                            true
                        case (.failed, _), (.succeeded, "failure()"): false
                        default: true
                        }
                    rows.append(
                        Row(
                            first: first, continueOnError: continues, condition: condition, firstStatus: status,
                            secondRuns: runs))
                }
            }
        }
        return rows
    }()

    @Test("every end of a step against every kind of condition", arguments: table)
    func everyPair(row: Row) throws {
        var state = RunState(
            workflow: Self.workflow([
                try Self.script("a", continueOnError: row.continueOnError), try Self.script("b", if: row.condition),
            ]))
        let begin = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        #expect(begin.next == .start(stepKey: "a", attempt: 1))
        #expect(begin.stepChanges == [.init(key: "a", status: .running)])
        let decision = state.advance(
            after: StepResult(stepKey: "a", status: row.first, error: "why"), at: Self.now, evaluate: Self.evaluate)
        #expect(state.step("a")?.status == row.firstStatus)
        #expect(state.step("a")?.outcome == row.first)
        if row.secondRuns {
            #expect(decision.next == .start(stepKey: "b", attempt: 1))
            #expect(state.step("b")?.status == .running)
            return
        }
        let ended: RunStatus =
            row.firstStatus == .succeeded ? .completed : row.firstStatus == .failed ? .failed : .cancelled
        guard case .finish(let status, let error) = decision.next else {
            Issue.record("\(decision)")
            return
        }
        #expect(status == ended)
        #expect((error != nil) == (ended == .failed))
        #expect(decision.stepChanges.last?.key == "b")
        let skips = row.firstStatus != .cancelled || row.condition == "!cancelled()"
        #expect(state.step("b")?.status == (skips ? .skipped : .cancelled))
    }

    @Test("a step whose need was skipped is skipped, and the run still completes")
    func skippedNeed() throws {
        var state = RunState(
            workflow: Self.workflow([
                try Self.script("a", if: "false"), try Self.script("b", needs: ["a"]), try Self.script("c"),
                try Self.script("d", needs: ["a"], if: "always()"),
            ]))
        var decision = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        #expect(decision.stepChanges.map(\.status) == [.skipped, .skipped, .running])
        #expect(decision.next == .start(stepKey: "c", attempt: 1))
        decision = state.advance(
            after: StepResult(stepKey: "c", status: .succeeded), at: Self.now, evaluate: Self.evaluate)
        #expect(decision.next == .start(stepKey: "d", attempt: 1))
        decision = state.advance(
            after: StepResult(stepKey: "d", status: .succeeded), at: Self.now, evaluate: Self.evaluate)
        #expect(decision.next == .finish(.completed, error: nil))
    }

    @Test("a failed step names itself and its error in the run's error")
    func runError() throws {
        var state = RunState(workflow: Self.workflow([try Self.script("a"), try Self.script("b")]))
        _ = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        let failed = StepResult(stepKey: "a", status: .timedOut, error: "no output for 10m")
        let decision = state.advance(after: failed, at: Self.now, evaluate: Self.evaluate)
        #expect(decision.next == .finish(.failed, error: "step \"a\" timed out: no output for 10m"))
        #expect(decision.stepChanges.map(\.status) == [.failed, .skipped])
    }

    @Test("ordinary failures are tried again at once, transient ones later, permanent ones never")
    func retries() throws {
        func next(_ failure: FailureClass?, retryAt: Date? = nil) throws -> Decision {
            var state = RunState(workflow: Self.workflow([try Self.script("a", maxAttempts: 2)]))
            _ = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
            let result = StepResult(stepKey: "a", status: .failed, failureClass: failure, retryAt: retryAt)
            return state.advance(after: result, at: Self.now, evaluate: Self.evaluate)
        }
        #expect(try next(nil).next == .start(stepKey: "a", attempt: 2))
        #expect(try next(.transient).next == .retry(stepKey: "a", attempt: 2, after: .seconds(5)))
        #expect(try next(.transient).stepChanges == [.init(key: "a", status: .waiting)])
        #expect(try next(.limit).next == .retry(stepKey: "a", attempt: 2, after: .seconds(30)))
        let end = Self.now.addingTimeInterval(1_000)
        #expect(try next(.limit, retryAt: end).next == .retry(stepKey: "a", attempt: 2, after: .seconds(1_000)))
        #expect(try next(.permanent).next == .finish(.failed, error: "step \"a\" failed"))
    }

    @Test("a waiting step goes on waiting until its time, then starts")
    func waiting() throws {
        var state = RunState(workflow: Self.workflow([try Self.script("a", maxAttempts: 2)]))
        _ = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        let result = StepResult(stepKey: "a", status: .failed, failureClass: .transient)
        _ = state.advance(after: result, at: Self.now, evaluate: Self.evaluate)
        let early = state.advance(after: nil, at: Self.now.addingTimeInterval(2), evaluate: Self.evaluate)
        #expect(early.next == .retry(stepKey: "a", attempt: 2, after: .seconds(3)))
        let due = state.advance(after: nil, at: Self.now.addingTimeInterval(5), evaluate: Self.evaluate)
        #expect(due.next == .start(stepKey: "a", attempt: 2))
        let last = state.advance(after: result, at: Self.now, evaluate: Self.evaluate)
        #expect(last.next == .finish(.failed, error: "step \"a\" failed"))
    }

    @Test("an interrupted attempt is repeated beyond max-attempts, but not for ever")
    func interrupted() throws {
        var state = RunState(workflow: Self.workflow([try Self.script("a")]))
        _ = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        let result = StepResult(stepKey: "a", status: .interrupted)
        for attempt in 2...RunState.interruptionLimit {
            #expect(
                state.advance(after: result, at: Self.now, evaluate: Self.evaluate).next
                    == .start(stepKey: "a", attempt: attempt))
        }
        let end = state.advance(after: result, at: Self.now, evaluate: Self.evaluate)
        #expect(end.next == .finish(.failed, error: "step \"a\" failed: it was interrupted 5 times in a row"))
    }

    @Test("a result that belongs to no running step changes nothing")
    func strayResult() throws {
        var state = RunState(workflow: Self.workflow([try Self.script("a"), try Self.script("b")]))
        _ = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        for key in ["b", "zzz"] {
            let decision = state.advance(
                after: StepResult(stepKey: key, status: .failed), at: Self.now, evaluate: Self.evaluate)
            #expect(decision == Decision(stepChanges: [], next: .wait(stepKey: "a")))
        }
    }

    @Test("a condition that cannot be evaluated fails its step, continue-on-error or not")
    func brokenCondition() throws {
        struct Broken: Error {}
        var state = RunState(workflow: Self.workflow([try Self.script("a", if: "true", continueOnError: true)]))
        let decision = state.advance(after: nil, at: Self.now) { _, _ in throw Broken() }
        #expect(state.step("a")?.status == .failed)
        guard case .finish(.failed, let error?) = decision.next else { throw Broken() }
        #expect(error.contains("cannot be evaluated"))
    }

    @Test("cancelling the run ends everything, always() steps included")
    func cancelRun() throws {
        var state = RunState(workflow: Self.workflow([try Self.script("a"), try Self.script("b", if: "always()")]))
        _ = state.advance(after: nil, at: Self.now, evaluate: Self.evaluate)
        let decision = state.cancelRun()
        #expect(decision.next == .finish(.cancelled, error: nil))
        #expect(decision.stepChanges.map(\.status) == [.cancelled, .cancelled])
        #expect(
            state.advance(after: nil, at: Self.now, evaluate: Self.evaluate).next == .finish(.cancelled, error: nil))
    }
}
