import Foundation
import RunnerCore
import TestSupport

/// Random workflows with groups in groups, and random results for their steps.
struct RandomWorkflow {
    private static let conditions: [String?] = [
        nil, nil, nil, nil, "true", "false", "success()", "failure()", "always()", "!cancelled()",
    ]

    var random: SeededGenerator
    private var next = 0

    init(_ random: SeededGenerator) {
        self.random = random
    }

    mutating func workflow() throws -> WorkflowDefinition {
        next = 0
        return AdvanceTests.workflow(try steps(1...5, depth: 0))
    }

    private mutating func steps(_ count: ClosedRange<Int>, depth: Int) throws -> [WorkflowStep] {
        var steps: [WorkflowStep] = []
        for _ in 0..<Int.random(in: count, using: &random) {
            let earlier = steps.map(\.id)
            var step = try step(depth: depth)
            step.needs = earlier.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
            steps.append(step)
        }
        return steps
    }

    private mutating func step(depth: Int) throws -> WorkflowStep {
        next += 1
        let id = "s\(next)"
        let condition = Self.conditions.randomElement(using: &random) ?? nil
        let continues = Int.random(in: 0..<4, using: &random) == 0
        let kind = depth < 3 ? Int.random(in: 0..<12, using: &random) : 11
        var step = try AdvanceTests.script(
            id, if: condition, continueOnError: continues, maxAttempts: Int.random(in: 1...3, using: &random))
        let flag = Bool.random(using: &random)
        switch kind {
        case 0: step.body = .approval(ApprovalBody(message: "?"))
        case 1:
            step.body = .group(
                GroupBody(
                    kind: .loop, steps: try steps(1...3, depth: depth + 1),
                    until: flag
                        ? try WorkflowCondition(["true", "false", "success()"].randomElement(using: &random) ?? "true")
                        : nil,
                    limit: Int.random(in: 1...3, using: &random)))
        case 2:
            step.body = .group(
                GroupBody(
                    kind: .parallel, steps: try (0..<Int.random(in: 1...4, using: &random)).map { _ in try leaf() },
                    width: Int.random(in: 1...4, using: &random)))
        case 3:
            step.body = .group(
                GroupBody(
                    kind: .foreach, steps: try steps(1...2, depth: depth + 1), limit: 3,
                    items: "x", failFast: flag))
        case 4:
            let width = Int.random(in: 1...3, using: &random)
            step.body = .group(
                GroupBody(
                    kind: .matrix, steps: [try leaf(id)],
                    combinations: (0..<Int.random(in: 1...4, using: &random)).map { ["n": .integer($0)] },
                    width: width, failFast: flag))
        case 5: step.body = .group(GroupBody(kind: .workflow, steps: try steps(1...3, depth: depth + 1)))
        case 7:
            var group = GroupBody(
                kind: .fork, steps: try steps(1...2, depth: depth + 1), limit: Int.random(in: 2...3, using: &random))
            group.width = group.limit
            if flag { group.judge = [try leaf()] }
            if Bool.random(using: &random) {
                group.joins = true
                group.limit = group.steps.count
                group.width = group.limit
            }
            step.body = .group(group)
        case 6: step.body = .agent(AgentBody(agent: "default", prompt: "p"))
        default: break
        }
        return step
    }

    private mutating func leaf(_ id: String? = nil) throws -> WorkflowStep {
        next += 1
        var step = try AdvanceTests.script(
            id ?? "s\(next)", continueOnError: Int.random(in: 0..<4, using: &random) == 0,
            maxAttempts: Int.random(in: 1...2, using: &random))
        step.writes = false
        return step
    }

    mutating func result(_ key: String) -> StepResult {
        let isCancelled = Int.random(in: 0..<60, using: &random) == 0
        let statuses: [AttemptStatus] = [.succeeded, .succeeded, .succeeded, .failed, .timedOut, .interrupted]
        let classes: [FailureClass?] = [nil, nil, nil, .transient, .permanent, .limit]
        return StepResult(
            stepKey: key, status: isCancelled ? .cancelled : statuses.randomElement(using: &random) ?? .failed,
            failureClass: classes.randomElement(using: &random) ?? nil)
    }
}
