import Foundation
import RunnerCore
import Testing

@Suite("Stages of a workflow")
struct StageTests {
    static func parse(_ source: String) throws -> WorkflowDefinition {
        try WorkflowParser.parse(source, file: "w.yaml", knownAgents: ["claude", "codex", "command"])
    }

    private static let full = """
        name: staged
        stages:
          - plan
          - name: Build it!
            agent: codex
            parallel: true
            required: false
            transition: manual
          - { name: review, agent: claude, transition: automatic }
        steps:
          - { id: plan, stage: plan, agent: default, prompt: p }
          - { stage: Build it!, agent: default, prompt: p, writes: false, needs: plan }
          - { id: b, stage: Build it!, agent: command, with: { command: x }, prompt: p, writes: false }
          - id: c
            stage: Build it!
            writes: false
            strategy: { matrix: { n: [1, 2] } }
            agent: default
            prompt: "{{ matrix.n }}"
          - id: choose
            stage: review
            needs: build-it
            fork:
              agents: [default, codex]
              steps: [{ id: try, agent: default, prompt: p }]
              judge: { id: judge, agent: default, prompt: p }
          - id: again
            stage: review
            needs: [build-it-done]
            loop:
              steps:
                - { id: look, agent: default, prompt: "{{ steps.b.result }} {{ steps.build-it-done.outputs.note }}" }
        """

    @Test("what a stage asks for is in the steps: group, decision, agents, and failures that are accepted")
    func steps() throws {
        let workflow = try Self.parse(Self.full)
        #expect(
            workflow.stages == [
                WorkflowStage(name: "plan"),
                WorkflowStage(
                    name: "Build it!", agent: "codex", parallel: true, required: false, transition: .manual),
                WorkflowStage(name: "review", agent: "claude"),
            ])
        #expect(workflow.steps.map(\.id) == ["plan", "build-it", "build-it-done", "choose", "again"])
        #expect(workflow.steps.map(\.stage) == ["plan", "Build it!", "Build it!", "review", "review"])
        #expect(workflow.steps.map(\.needs) == [[], ["plan"], [], ["build-it"], ["build-it-done"]])
        #expect(workflow.steps.map(\.continueOnError) == [false, true, false, false, false])
        let group = try #require(workflow.steps[1].group)
        // Steps are called as without stages.
        #expect(group.kind == .parallel && group.steps.map(\.id) == ["step-2", "b", "c"])
        #expect(group.steps.allSatisfy { $0.stage == "Build it!" && $0.needs.isEmpty && !$0.continueOnError })
        #expect(
            workflow.steps[2].body
                == .approval(ApprovalBody(message: "Stage \"Build it!\" is done. Go on with \"review\"?")))
        func agents(_ steps: [WorkflowStep]) -> [String] {
            steps.compactMap { if case .agent(let body) = $0.body { body.agent } else { nil } }
        }
        // In the candidates of a fork with agents `default` means those.
        #expect(agents(workflow.allSteps) == ["default", "codex", "command", "codex", "default", "claude", "claude"])
        #expect(workflow.steps[3].group?.agents == ["claude", "codex"])
        #expect(workflow.allSteps.allSatisfy { $0.stage != nil })
    }

    @Test("a definition keeps its stages in its JSON; one from before has none")
    func json() throws {
        let workflow = try Self.parse(Self.full)
        let data = try JSONEncoder().encode(workflow)
        #expect(try JSONDecoder().decode(WorkflowDefinition.self, from: data) == workflow)
        let json = try JSONDecoder().decode(JSONValue.self, from: data)
        #expect(json["stages"]?.arrayValue?.first == .object(["name": .string("plan")]))
        #expect(json["stages"]?.arrayValue?[1]["transition"] == .string("manual"))
        let old = Data(#"{"name": "old", "steps": [{"id": "a", "run": "x", "stage": "s"}]}"#.utf8)
        let decoded = try JSONDecoder().decode(WorkflowDefinition.self, from: old)
        #expect(decoded.stages.isEmpty && decoded.steps[0].stage == "s")
        #expect(!String(decoding: try JSONEncoder().encode(decoded), as: UTF8.self).contains("stages"))
        var other = workflow
        other.stages[0].agent = "codex"
        #expect(WorkflowComparison(from: workflow, to: other).workflowKeys == ["stages"])
    }

    @Test("a stage of one step stays that step; a name without letters gets an id by its number")
    func small() throws {
        let one = try Self.parse(
            """
            name: w
            stages: [{ name: a, parallel: true }, { name: 計画, transition: manual }, 3]
            steps: [{ id: x, stage: a, run: x }, { id: y, stage: 計画, run: x }, { id: z, stage: 3, run: x }]
            """)
        #expect(one.steps.map(\.id) == ["x", "y", "stage-2-done", "z"])
    }

    @Test("a decision counts in a stage that may fail, and a person's no to a step of its own is no accepted failure")
    func asked() throws {
        let workflow = try Self.parse(
            """
            name: w
            stages: [{ name: a, required: false }]
            steps: [{ id: ask, stage: a, approval: go? }, { id: do, stage: a, run: x }]
            """)
        #expect(workflow.steps.map(\.continueOnError) == [false, true])
    }

    @Test("the steps of a called workflow are in the stage of the call, with its agent")
    func called() throws {
        let inner = try Self.parse(
            "name: inner\nsteps: [{ id: i, agent: default, prompt: p }, { id: j, stage: q, agent: command, prompt: p }]\n"
        )
        let stages = "stages: [{ name: a, agent: codex }, b]\n"
        let steps = "steps: [{ id: c, stage: a, workflow: inner }, { id: d, stage: b, workflow: inner }]\n"
        let outer = try Self.parse("name: w\n" + stages + steps).linked(["inner": inner])
        let nested = outer.steps.compactMap(\.group).flatMap(\.steps)
        #expect(nested.map(\.stage) == ["a", "a", "b", "b"])
        let agents = nested.map { if case .agent(let body) = $0.body { body.agent } else { "" } }
        #expect(agents == ["codex", "command", "default", "command"])
        // Also when the call is itself in a workflow that is called.
        let above = try Self.parse("name: above\nsteps: [{ id: top, workflow: outer }]\n")
        let whole = try above.linked([
            "inner": inner, "outer": Self.parse("name: outer\n" + stages + steps),
        ])
        #expect(whole.steps[0].group?.steps == outer.steps)
        // Without stages nothing is changed.
        let plain = try Self.parse("name: w\n" + steps).linked(["inner": inner])
        #expect(plain.steps.compactMap(\.group).flatMap(\.steps) == inner.steps + inner.steps)
    }

    @Test("the documentation's example is right, and is what it says")
    func documented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/workflows.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let example = try #require(
            text.components(separatedBy: "```yaml\n").first { $0.hasPrefix("stages:") }?
                .components(separatedBy: "```").first)
        let workflow = try Self.parse("name: w\n" + example)
        #expect(workflow.steps.map(\.id) == ["plan", "build", "build-done", "look"])
    }

    private static func gated(_ stages: String) throws -> RunState {
        RunState(
            workflow: try parse(
                """
                name: w
                \(stages)
                steps:
                  - { id: a, stage: one, run: x, needs: b }
                  - { id: b, stage: one, run: x }
                  - { id: whatever, stage: two, run: x, if: always() }
                  - { id: next, stage: two, run: x, needs: b }
                """))
    }

    private static func next(_ state: inout RunState, _ result: StepResult?) -> Decision.Next {
        state.advance(after: result, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate).next
    }

    @Test("no step of the next stage begins before the decision, whatever it needs and whatever its condition says")
    func gate() throws {
        for isManual in [true, false] {
            var state = try Self.gated("stages: [{ name: one, transition: \(isManual ? "manual" : "automatic") }, two]")
            #expect(Self.next(&state, nil) == .start(stepKey: "b", attempt: 1))
            #expect(Self.next(&state, StepResult(stepKey: "b", status: .succeeded)) == .start(stepKey: "a", attempt: 1))
            let after = Self.next(&state, StepResult(stepKey: "a", status: .succeeded))
            guard isManual else {
                #expect(after == .start(stepKey: "whatever", attempt: 1))
                continue
            }
            #expect(after == .approval(stepKey: "one-done"))
            #expect(Self.next(&state, nil) == .approval(stepKey: "one-done"))
            var (approved, rejected) = (state, state)
            _ = approved.closeGate("one-done", passed: true, error: nil)
            #expect(Self.next(&approved, nil) == .start(stepKey: "whatever", attempt: 1))
            let done = StepResult(stepKey: "whatever", status: .succeeded)
            #expect(Self.next(&approved, done) == .start(stepKey: "next", attempt: 1))
            _ = rejected.closeGate("one-done", passed: false, error: "rejected")
            #expect(Self.next(&rejected, nil) == .start(stepKey: "whatever", attempt: 1))
            guard case .finish(.failed, _) = Self.next(&rejected, done) else {
                Issue.record("a rejection does not fail the run")
                return
            }
            #expect(rejected.step("next")?.status == .skipped)
        }
    }

    @Test("a failure in a stage that is not required goes on, and the decision is asked for all the same")
    func optional() throws {
        var state = try Self.gated("stages: [{ name: one, required: false, transition: manual }, two]")
        #expect(Self.next(&state, nil) == .start(stepKey: "b", attempt: 1))
        #expect(Self.next(&state, StepResult(stepKey: "b", status: .failed)) == .start(stepKey: "a", attempt: 1))
        #expect(Self.next(&state, StepResult(stepKey: "a", status: .failed)) == .approval(stepKey: "one-done"))
        _ = state.closeGate("one-done", passed: false, error: "no")
        #expect(state.step("one-done")?.status == .failed)
    }
}
