import Foundation
import RunnerCore
import Testing

@Suite("Bundled workflows")
struct WorkflowBundledTests {
    private func workflow(_ name: String) throws -> WorkflowDefinition {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../templates")
        let file = folder.appending(path: "\(name).yaml")
        let bytes = [UInt8](try Data(contentsOf: file))
        // The build embeds the files as raw literals, which these would end.
        #expect(!String(decoding: bytes, as: UTF8.self).contains("\"\"\"###"))
        let own = try WorkflowParser.parse(bytes, file: "\(name).yaml", knownAgents: ["claude", "command"])
        return name == "check" ? own : try own.linked(["bundled:check": workflow("check")])
    }

    /// Runs a workflow with made-up results and says which steps ran.
    private func run(_ workflow: WorkflowDefinition, failing: Set<String>) throws -> (ran: [String], end: RunStatus) {
        var state = RunState(workflow: workflow)
        var ran: [String] = []
        var result: StepResult?
        while true {
            let steps = Dictionary(
                state.steps.map { ($0.key, StepFacts(status: $0.status, outcome: $0.outcomeStatus)) },
                uniquingKeysWith: { $1 })
            var context = WorkflowTemplateTests.context
            context.steps = steps
            let decision = state.advance(after: result, at: .distantPast) { step, status in
                try step.condition.map { try context.evaluate($0, status: status) } ?? status.success
            }
            switch decision.next {
            case .start(let key, _):
                ran.append(key)
                if case .agent(let agent)? = workflow.step(key)?.body {
                    #expect(try !context.render(agent.prompt).isEmpty)
                }
                result = StepResult(stepKey: key, status: failing.contains(key) ? .failed : .succeeded)
            case .finish(let status, _):
                return (ran, status)
            case .retry, .wait, .approval, .fork, .hold:
                Issue.record("unexpected \(decision.next)")
                return (ran, .failed)
            }
        }
    }

    @Test("the default workflow plans, implements, checks and reviews, and reviews a failing change too")
    func standard() throws {
        let workflow = try workflow("default")
        #expect(workflow.name == "default")
        var outcome = try run(workflow, failing: [])
        #expect(outcome.ran == ["plan", "implement", "check/test", "review"] && outcome.end == .completed)
        outcome = try run(workflow, failing: ["check/test"])
        #expect(outcome.ran == ["plan", "implement", "check/test", "review"] && outcome.end == .failed)
        outcome = try run(workflow, failing: ["implement"])
        #expect(outcome.ran == ["plan", "implement"] && outcome.end == .failed)
    }

    @Test("the demonstration repairs what its check finds")
    func demo() throws {
        let outcome = try run(workflow("demo"), failing: ["check"])
        #expect(outcome.ran == ["prepare", "check", "repair", "describe", "verify"])
        #expect(outcome.end == .completed)
    }

    @Test("the script workflow passes the task by a variable and never pastes it into the script")
    func script() throws {
        let workflow = try workflow("script")
        guard case .script(let script) = workflow.steps[0].body else { throw CancellationError() }
        #expect(script.text.contains("\"$RUNNER_TASK_PROMPT_FILE\"") && !script.text.contains("{{"))
    }
}
