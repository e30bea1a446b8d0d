import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Random runs with groups")
struct GroupPropertyTests {
    private static let isLong = ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] != nil

    /// The items of every `foreach`.
    private static func count(_ step: WorkflowStep, _ status: StatusValues) -> Int { step.id.utf8.count % 4 }

    private static func advance(_ state: inout RunState, _ result: StepResult?, _ now: Date) -> Decision {
        state.advance(after: result, at: now, count: count, evaluate: AdvanceTests.evaluate)
    }

    /// True when the rules forbid the step to begin: what counts are its siblings before it.
    private func isForbidden(_ key: String, in state: RunState) -> Bool {
        guard let step = state.workflow.step(key), let own = state.step(key) else { return true }
        let functions = step.condition?.statusFunctions ?? []
        if state.isCancelled { return !functions.contains(.always) && !functions.contains(.cancelled) }
        let place = state.steps.firstIndex { $0.key == key } ?? 0
        let siblings = state.steps[..<place].filter { $0.parent == own.parent && $0.scope == own.scope }
        let isBeside = state.workflow.runsBesideOthers(key)
        let hasFailure = !isBeside && siblings.contains { $0.status == .failed }
        let isUnmet = step.needs.contains { state.step($0)?.status != .succeeded }
        return !functions.contains { $0.replacesImpliedSuccess } && (hasFailure || isUnmet)
    }

    /// What stands around a step that runs: groups that run, and nothing before them that has not ended.
    private func checkStart(_ key: String, _ state: RunState, _ label: Comment) {
        let place = state.steps.firstIndex { $0.key == key } ?? 0
        var around: Set<String> = []
        var path = StepPath(key).parent
        while let parent = path {
            around.insert(parent.text)
            #expect(state.step(parent.text)?.status == .running, label)
            path = parent.parent
        }
        let own = state.steps[place]
        for step in state.steps[..<place] where !step.status.isTerminal && !around.contains(step.key) {
            #expect(
                step.parent == own.parent && state.workflow.runsBesideOthers(key), "\(step.key) before \(key), \(label)"
            )
        }
        if let parent = own.parent, let group = state.workflow.step(parent)?.group {
            let busy = state.steps.count { $0.parent == parent && ($0.status == .running || $0.status == .waiting) }
            #expect(busy <= group.width, label)
        }
    }

    private func check(_ source: inout RandomWorkflow, _ label: Comment) throws {
        let workflow = try source.workflow()
        var state = RunState(workflow: workflow)
        var now = AdvanceTests.now
        var running: [String] = []
        var lastAttempt: [String: Int] = [:]
        var result: StepResult?
        for _ in 0..<3_000 {
            let before = state
            let decision = Self.advance(&state, result, now)
            result = nil
            for change in decision.stepChanges { #expect(state.step(change.key)?.status == change.status, label) }
            for old in before.steps where old.status.isTerminal && !decision.reopened.contains(old.key) {
                #expect(state.step(old.key) == old, label)
            }
            #expect(Set(decision.newSteps) == Set(state.steps.map(\.key)).subtracting(before.steps.map(\.key)), label)
            let positions = state.steps.compactMap { state.layout.position(of: $0.key) }
            #expect(positions.count == state.steps.count && zip(positions, positions.dropFirst()).allSatisfy(<), label)
            // A worker that comes back knows no less.
            var copy = RunState(workflow: workflow, steps: state.steps, isCancelled: state.isCancelled)
            #expect(copy == state, label)
            switch decision.next {
            case .start(let key, let attempt):
                #expect(attempt == (lastAttempt[key] ?? 0) + 1, label)
                lastAttempt[key] = attempt
                if attempt == 1 { #expect(!isForbidden(key, in: state), "\(key), \(label)") }
                checkStart(key, state, label)
                running.append(key)
                let isBeside = workflow.runsBesideOthers(key)
                if !isBeside { #expect(Self.advance(&copy, nil, now).next == .wait(stepKey: key), label) }
                // Siblings may begin first, or an attempt may end first.
                if isBeside, Bool.random(using: &source.random) { continue }
                result = source.result(
                    running.remove(at: Int.random(in: 0..<running.count, using: &source.random)))
            case .wait:
                try #require(!running.isEmpty, "nothing runs, yet it waits: \(label)")
                result = source.result(
                    running.remove(at: Int.random(in: 0..<running.count, using: &source.random)))
            case .retry(let key, _, let delay):
                #expect(state.step(key)?.status == .waiting, label)
                // What runs beside it may end before it is due.
                if !running.isEmpty, Bool.random(using: &source.random) {
                    result = source.result(
                        running.remove(at: Int.random(in: 0..<running.count, using: &source.random)))
                } else {
                    now.addTimeInterval(delay.inSeconds)
                }
            case .hold(let key):
                #expect(running.isEmpty && state.step(key)?.status == .waiting, label)
                _ = state.postpone(decision, by: .zero, at: now)
            case .approval(let key):
                #expect(running.isEmpty, label)
                let passed = Int.random(in: 0..<3, using: &source.random) > 0
                _ = state.closeGate(key, passed: passed, error: passed ? nil : "no")
            case .fork(let key):
                #expect(running.isEmpty, label)
                for step in state.children(named: key) where step.status == .waiting {
                    let passed = Bool.random(using: &source.random)
                    _ = state.closeGate(step.key, passed: passed, error: passed ? nil : "no")
                }
            case .finish(let status, let error):
                #expect(running.isEmpty && !state.steps.contains { !$0.status.isTerminal }, label)
                let failed = state.steps.contains { $0.parent == nil && $0.status == .failed }
                let expected: RunStatus = state.isCancelled ? .cancelled : failed ? .failed : .completed
                #expect(status == expected && (error != nil) == (expected == .failed), label)
                return try checkRestart(state, now, label)
            }
        }
        Issue.record("it does not end: \(label)")
    }

    /// What failed can be gone on with, and comes to a good end when everything succeeds from then on.
    private func checkRestart(_ ended: RunState, _ now: Date, _ label: Comment) throws {
        guard let restart = try? ended.restarting() else { return }
        var state = restart.state
        let kept = restart.kept.compactMap { state.step($0) }
        var result: StepResult?
        var later = now
        for _ in 0..<3_000 {
            let decision = Self.advance(&state, result, later)
            result = nil
            switch decision.next {
            case .start(let key, _): result = StepResult(stepKey: key, status: .succeeded)
            case .wait(let key): result = StepResult(stepKey: key, status: .succeeded)
            case .retry(_, _, let delay): later.addTimeInterval(delay.inSeconds)
            case .hold: _ = state.postpone(decision, by: .zero, at: later)
            case .approval(let key): _ = state.closeGate(key, passed: true, error: nil)
            case .fork(let key):
                for step in state.children(named: key) where step.status == .waiting {
                    _ = state.closeGate(step.key, passed: true, error: nil)
                }
            case .finish:
                #expect(!state.steps.contains { !$0.status.isTerminal }, label)
                for step in kept { #expect(state.step(step.key) == step, "\(step.key), \(label)") }
                return
            }
        }
        Issue.record("a retry does not end: \(label)")
    }

    @Test("random workflows with groups end, respect needs and never run past a failure without a rule")
    func invariants() throws {
        let seed =
            UInt64(ProcessInfo.processInfo.environment["RUNNER_TEST_SEED"] ?? "") ?? UInt64.random(in: 0..<1 << 40)
        print("RUNNER_TEST_SEED=\(seed)")
        var source = RandomWorkflow(SeededGenerator(seed: seed))
        for number in 0..<(Self.isLong ? 100_000 : 1_500) { try check(&source, "seed \(seed), workflow \(number)") }
    }
}
