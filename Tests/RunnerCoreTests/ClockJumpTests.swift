import Foundation
import RunnerCore
import Testing

/// The machine's clock may be set forward and back at any moment; the time is injected, so it can be here.
@Suite("A clock that jumps")
struct ClockJumpTests {
    /// Seconds since 1970: the beginning of time, a year back, now, ten years on.
    static let moments: [TimeInterval] = [0, 1_668_464_000, 1_700_000_000, 2_015_360_000]

    private func failing(_ failure: FailureClass, retryAt: Date? = nil) throws -> (RunState, StepResult) {
        let step = try AdvanceTests.script("a", maxAttempts: 3)
        var state = RunState(workflow: AdvanceTests.workflow([step]))
        _ = state.advance(after: nil, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate)
        return (state, StepResult(stepKey: "a", status: .failed, failureClass: failure, retryAt: retryAt))
    }

    @Test("a wait is a length of time, the same whatever the clock says", arguments: moments)
    func lengths(moment: TimeInterval) throws {
        var (state, result) = try failing(.transient)
        let decision = state.advance(
            after: result, at: Date(timeIntervalSince1970: moment), evaluate: AdvanceTests.evaluate)
        #expect(decision.next == .retry(stepKey: "a", attempt: 2, after: .seconds(5)))
    }

    @Test("a wait for an announced end has a floor and a ceiling, however far the clock has jumped", arguments: moments)
    func announced(moment: TimeInterval) throws {
        let end = AdvanceTests.now.addingTimeInterval(600)
        var (state, result) = try failing(.limit, retryAt: end)
        let decision = state.advance(
            after: result, at: Date(timeIntervalSince1970: moment), evaluate: AdvanceTests.evaluate)
        guard case .retry(_, _, let delay) = decision.next else {
            Issue.record("\(decision.next)")
            return
        }
        #expect(delay >= .seconds(1) && delay <= .seconds(7 * 86_400))
        // The control: a clock that is right waits for the end itself.
        if moment == AdvanceTests.now.timeIntervalSince1970 { #expect(delay == .seconds(600)) }
    }

    @Test(
        "a waiting step that the server says is due begins at once, whatever this machine's clock says",
        arguments: moments)
    func due(moment: TimeInterval) throws {
        let step = try AdvanceTests.script("a", maxAttempts: 3)
        // As the rows tell it: the server's clock has decided, and the moment is not compared again.
        var state = RunState(
            workflow: AdvanceTests.workflow([step]),
            steps: [StepState(key: "a", status: .waiting, attempts: 1)])
        let decision = state.advance(
            after: nil, at: Date(timeIntervalSince1970: moment), evaluate: AdvanceTests.evaluate)
        #expect(decision.next == .start(stepKey: "a", attempt: 2))
    }
}
