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

    @Test("changes nothing about a decision that starts nothing")
    func other() throws {
        var state = try Self.state()
        let finish = Decision(stepChanges: [], next: .finish(.completed, error: nil))
        #expect(state.postpone(finish, by: .seconds(1), at: Self.now) == finish)
    }
}
