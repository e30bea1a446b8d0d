import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Random runs")
struct AdvancePropertyTests {
    private static let conditions: [String?] = [
        nil, nil, nil, "true", "false", "success()", "failure()", "always()", "cancelled()", "!cancelled()",
    ]

    private func workflow(_ random: inout SeededGenerator) throws -> WorkflowDefinition {
        let count = Int.random(in: 1...8, using: &random)
        // Needs follow a random order, not the file's, and so never form a circle.
        let order = Array(0..<count).shuffled(using: &random)
        var steps: [WorkflowStep] = []
        for index in 0..<count {
            let place = order.firstIndex(of: index) ?? 0
            let needs = order[..<place].filter { _ in Int.random(in: 0..<4, using: &random) == 0 }.map { "s\($0)" }
            steps.append(
                try AdvanceTests.script(
                    "s\(index)", needs: needs, if: Self.conditions.randomElement(using: &random) ?? nil,
                    continueOnError: Int.random(in: 0..<4, using: &random) == 0,
                    maxAttempts: Int.random(in: 1...3, using: &random)))
        }
        return AdvanceTests.workflow(steps)
    }

    private func result(_ key: String, _ random: inout SeededGenerator) -> StepResult {
        let statuses: [AttemptStatus] = [
            .succeeded, .succeeded, .succeeded, .succeeded, .failed, .failed, .timedOut, .interrupted, .cancelled,
        ]
        let status =
            Int.random(in: 0..<12, using: &random) == 0
            ? .cancelled : statuses.dropLast().randomElement(using: &random) ?? .failed
        let classes: [FailureClass?] = [nil, nil, .transient, .permanent, .limit, .budget]
        return StepResult(stepKey: key, status: status, failureClass: classes.randomElement(using: &random) ?? nil)
    }

    /// True when the rules forbid the step to begin.
    private func isForbidden(_ step: WorkflowStep, in state: RunState) -> Bool {
        let functions = step.condition?.statusFunctions ?? []
        let decidesItself = functions.contains { $0.replacesImpliedSuccess }
        let place = state.steps.firstIndex { $0.key == step.id } ?? 0
        let hasFailure = state.steps[..<place].contains { $0.status == .failed }
        let isUnmet = step.needs.contains { state.step($0)?.status != .succeeded }
        if state.isCancelled { return !functions.contains(.always) && !functions.contains(.cancelled) }
        return !decidesItself && (hasFailure || isUnmet)
    }

    private func check(_ workflow: WorkflowDefinition, _ random: inout SeededGenerator, _ label: Comment) throws {
        var state = RunState(workflow: workflow)
        var now = AdvanceTests.now
        var result: StepResult?
        var decisions = 0
        var lastAttempt: [String: Int] = [:]
        while true {
            decisions += 1
            try #require(decisions < 400, label)
            let before = state
            let decision = state.advance(after: result, at: now, evaluate: AdvanceTests.evaluate)
            result = nil
            for change in decision.stepChanges { #expect(state.step(change.key)?.status == change.status, label) }
            for old in before.steps where old.status.isTerminal { #expect(state.step(old.key) == old, label) }
            #expect(state.steps.count { $0.status == .running } <= 1, label)
            switch decision.next {
            case .start(let key, let attempt):
                let step = try #require(workflow.step(key), label)
                #expect(attempt == (lastAttempt[key] ?? 0) + 1, label)
                lastAttempt[key] = attempt
                if attempt == 1 { #expect(!isForbidden(step, in: state), label) }
                #expect(step.needs.allSatisfy { state.step($0)?.status.isTerminal == true }, label)
                result = self.result(key, &random)
                // A worker that comes back asks without a result and must not be told to start anything.
                var copy = state
                #expect(
                    copy.advance(after: nil, at: now, evaluate: AdvanceTests.evaluate).next == .wait(stepKey: key),
                    label)
            case .retry(let key, _, let delay):
                #expect(state.step(key)?.status == .waiting && delay > .zero, label)
                now.addTimeInterval(delay.inSeconds)
            case .hold(let key):
                #expect(state.step(key)?.status == .waiting, label)
                // Nothing goes on by itself.
                var copy = state
                let later = now.addingTimeInterval(1e9)
                let still = copy.advance(after: nil, at: later, evaluate: AdvanceTests.evaluate)
                #expect(still.next == .hold(stepKey: key), label)
                now.addTimeInterval(60)
                _ = state.postpone(decision, by: .zero, at: now)
            case .wait, .approval, .fork:
                Issue.record("nothing runs, yet advance waits: \(label)")
                return
            case .finish(let status, let error):
                #expect(!state.steps.contains { !$0.status.isTerminal }, label)
                let expected: RunStatus =
                    state.isCancelled
                    ? .cancelled : state.steps.contains { $0.status == .failed } ? .failed : .completed
                #expect(status == expected && (error != nil) == (expected == .failed), label)
                var copy = state
                #expect(copy.advance(after: nil, at: now, evaluate: AdvanceTests.evaluate).next == decision.next, label)
                return
            }
        }
    }

    @Test("20,000 random workflows with random results end, respect needs and never run past a failure without a rule")
    func invariants() throws {
        let seed =
            UInt64(ProcessInfo.processInfo.environment["RUNNER_TEST_SEED"] ?? "") ?? UInt64.random(in: 0..<1 << 40)
        print("RUNNER_TEST_SEED=\(seed)")
        var random = SeededGenerator(seed: seed)
        for number in 0..<20_000 {
            try check(workflow(&random), &random, "seed \(seed), workflow \(number)")
        }
    }
}
