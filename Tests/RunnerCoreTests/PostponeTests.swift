import Foundation
import RunnerCore
import Testing

@Suite("A step that is put off")
struct PostponeTests {
    private static let now = Date(timeIntervalSince1970: 1_000)

    private static func state() throws -> RunState {
        let source = "name: one\nsteps:\n  - id: a\n    run: 'true'\n  - id: b\n    run: 'true'\n"
        return RunState(workflow: try WorkflowParser.parse(source, file: "one", knownAgents: []))
    }

    @Test("waits, counts no attempt, and begins with the same one when the time is over")
    func waits() throws {
        var state = try Self.state()
        let decision = state.advance(after: nil, at: Self.now) { _, _ in true }
        #expect(decision.next == .start(stepKey: "a", attempt: 1))
        let put = state.postpone(decision, by: .seconds(60), at: Self.now)
        #expect(put.next == .retry(stepKey: "a", attempt: 1, after: .seconds(60)))
        #expect(put.stepChanges == [Decision.StepChange(key: "a", status: .waiting)])
        #expect(state.step("a")?.attempts == 0)
        let early = state.advance(after: nil, at: Self.now.addingTimeInterval(30)) { _, _ in true }
        #expect(early.next == .retry(stepKey: "a", attempt: 1, after: .seconds(30)))
        let late = state.advance(after: nil, at: Self.now.addingTimeInterval(61)) { _, _ in true }
        #expect(late.next == .start(stepKey: "a", attempt: 1))
    }

    @Test("waits for somebody when there is no time, whatever the clock says, and gets a time later")
    func held() throws {
        var state = try Self.state()
        let decision = state.advance(after: nil, at: Self.now) { _, _ in true }
        let put = state.postpone(decision, by: nil, at: Self.now)
        #expect(put.next == .hold(stepKey: "a"))
        #expect(put.stepChanges == [Decision.StepChange(key: "a", status: .waiting)])
        let late = state.advance(after: nil, at: Self.now.addingTimeInterval(1e9)) { _, _ in true }
        #expect(late.next == .hold(stepKey: "a"))
        #expect(
            state.postpone(late, by: .seconds(5), at: Self.now).next
                == .retry(stepKey: "a", attempt: 1, after: .seconds(5)))
        let due = state.advance(after: nil, at: Self.now.addingTimeInterval(6)) { _, _ in true }
        #expect(due.next == .start(stepKey: "a", attempt: 1))
    }

    @Test("a budget of the runner's own holds the step and counts no try; the control is an ordinary failure")
    func budget() throws {
        var state = try Self.state()
        _ = state.advance(after: nil, at: Self.now) { _, _ in true }
        var plain = state
        let end = StepResult(stepKey: "a", status: .failed, failureClass: .budget, error: "the budget is used up")
        #expect(state.advance(after: end, at: Self.now) { _, _ in true }.next == .hold(stepKey: "a"))
        #expect(state.step("a")?.uncounted == 1)
        let failure = StepResult(stepKey: "a", status: .failed)
        let failed = plain.advance(after: failure, at: Self.now) { _, status in status.success }
        #expect(failed.next == .finish(.failed, error: "step \"a\" failed"))
    }

    @Test("keeps the rows that the decision makes")
    func newSteps() throws {
        var state = try Self.state()
        _ = state.advance(after: nil, at: Self.now) { _, _ in true }
        let decision = Decision(
            stepChanges: [], next: .start(stepKey: "a", attempt: 1), newSteps: ["x"], reopened: ["b"])
        let put = state.postpone(decision, by: .seconds(1), at: Self.now)
        #expect(put.newSteps == ["x"] && put.reopened == ["b"])
    }

    @Test("changes nothing about a decision that starts nothing")
    func other() throws {
        var state = try Self.state()
        let finish = Decision(stepChanges: [], next: .finish(.completed, error: nil))
        #expect(state.postpone(finish, by: .seconds(1), at: Self.now) == finish)
    }
}
