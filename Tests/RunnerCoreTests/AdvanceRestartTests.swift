import Foundation
import RunnerCore
import Testing

@Suite("Retrying a run from a step")
struct AdvanceRestartTests {
    private func state(_ statuses: [StepStatus]) throws -> RunState {
        let steps = try statuses.indices.map { try AdvanceTests.script("s\($0)") }
        let recorded = statuses.enumerated().map {
            StepState(key: "s\($0)", status: $1, attempts: $1 == .skipped ? 0 : 1)
        }
        return RunState(
            workflow: AdvanceTests.workflow(steps), steps: recorded, isCancelled: statuses.contains(.cancelled))
    }

    @Test("without a step, from the first that has no good end")
    func implicit() throws {
        let failed = try state([.succeeded, .skipped, .failed, .skipped, .succeeded]).restarting()
        #expect(failed.kept == ["s0", "s1"] && failed.reset == ["s2", "s3", "s4"])
        let cancelled = try state([.succeeded, .cancelled, .cancelled]).restarting()
        #expect(cancelled.reset == ["s1", "s2"] && !cancelled.state.isCancelled)
        let broken = try state([.succeeded, .running, .pending]).restarting()
        #expect(broken.reset == ["s1", "s2"])
        #expect(throws: RestartError.nothingFailed) { try state([.succeeded, .skipped]).restarting() }
    }

    @Test("from a named step, when all before it ended well")
    func explicit() throws {
        let restart = try state([.succeeded, .succeeded, .failed]).restarting(from: "s1")
        #expect(restart.kept == ["s0"] && restart.reset == ["s1", "s2"])
        #expect(restart.state.steps.map(\.status) == [.succeeded, .pending, .pending])
        #expect(try state([.succeeded, .succeeded]).restarting(from: "s0").reset == ["s0", "s1"])
        #expect(throws: RestartError.earlierStepHasNotSucceeded("s1", before: "s2")) {
            try state([.succeeded, .failed, .skipped]).restarting(from: "s2")
        }
        #expect(throws: RestartError.unknownStep("s9", suggestion: "s0")) {
            try state([.failed]).restarting(from: "s9")
        }
    }

    @Test("attempts go on counting, and max-attempts starts anew")
    func attempts() throws {
        let workflow = AdvanceTests.workflow([try AdvanceTests.script("a", maxAttempts: 2)])
        var first = RunState(workflow: workflow, steps: [StepState(key: "a", status: .failed, attempts: 2)])
        #expect(
            first.advance(after: nil, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
                == .finish(.failed, error: "step \"a\" failed"))
        var state = try first.restarting().state
        let failure = StepResult(stepKey: "a", status: .failed)
        #expect(
            state.advance(after: nil, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
                == .start(stepKey: "a", attempt: 3))
        #expect(
            state.advance(after: failure, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
                == .start(stepKey: "a", attempt: 4))
        #expect(
            state.advance(after: failure, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
                == .finish(.failed, error: "step \"a\" failed"))
    }
}
