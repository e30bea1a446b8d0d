import RunnerCore
import Testing

@Suite("what a workflow would do")
struct WorkflowOutlineTests {
    private static let text = """
        name: w
        inputs:
          deep: { default: false }
          area: { default: src }
        env:
          WHERE: "{{ inputs.area }}"
          LATER: "{{ run.number }}"
        steps:
          - id: plan
            agent: default
            env: { OWN: "{{ env.WHERE }}/x" }
            prompt: "{{ task.prompt }} in {{ env.OWN }} ({{ env.LATER }}), run {{ run.number }}"
          - id: deep
            if: inputs.deep
            run: 'true'
          - id: after-deep
            needs: deep
            run: 'true'
          - id: again
            needs: deep
            if: always() && inputs.area == 'src'
            run: 'true'
          - id: rescue
            if: failure()
            run: 'true'
          - id: review
            needs: [plan]
            if: steps.plan.outputs.risk == 'high'
            agent: claude
            prompt: |
              Look at {{ inputs.area }}.
              {% if steps.plan.outputs.risk == "high" %}With care: {{ inputs.area }}.{% endif %}
              {% if inputs.deep %}Deep.{% else %}Quick.{% endif %}
          - id: end
            needs: review
            run: 'true'
        """

    private func outline(_ inputs: [String: JSONValue], task: String? = "do it") throws -> WorkflowOutline {
        let definition = try WorkflowParser.parse(Self.text, file: "w.yaml", knownAgents: ["claude"])
        let context = TemplateContext(
            taskNumber: 0, taskTitle: task ?? "", taskPrompt: task ?? "", repositoryName: "", repositoryURL: "",
            baseBranch: "", baseCommit: "", runNumber: 1, inputs: inputs)
        return WorkflowOutline(
            definition, context: context, knowledge: TemplateKnowledge(hasTask: task != nil, hasPlace: false),
            setupKey: nil, agent: { $0.agent == "default" ? "chosen" : $0.agent })
    }

    @Test("conditions over inputs are decided, those over steps and failures are not, and what needs a skipped step is")
    func verdicts() throws {
        let steps = try outline(["deep": .bool(false), "area": .string("src")]).steps
        #expect(steps.map(\.key) == ["plan", "deep", "after-deep", "again", "rescue", "review", "end"])
        #expect(steps.map(\.verdict) == [.runs, .skipped, .skipped, .runs, .depends, .depends, .depends])
        #expect(steps.map(\.agent) == ["chosen", nil, nil, nil, nil, "claude", nil])
        let other = try outline(["deep": .bool(true), "area": .string("lib")]).steps
        #expect(other.map(\.verdict) == [.runs, .runs, .runs, .skipped, .depends, .depends, .depends])
    }

    @Test("prompts are rendered as far as they are known; the rest stays as it is written")
    func rendering() throws {
        let steps = try outline(["deep": .bool(false), "area": .string("src")]).steps
        #expect(steps[0].text == "do it in src/x ({{ env.LATER }}), run {{ run.number }}")
        #expect(steps[0].env == ["OWN": "src/x", "WHERE": "src", "LATER": "{{ run.number }}"])
        #expect(
            steps[5].text == """
                Look at src.
                {% if steps.plan.outputs.risk == "high" %}With care: {{ inputs.area }}.{% endif %}
                Quick.

                """)
        let untold = try outline(["deep": .bool(false), "area": .string("src")], task: nil).steps
        #expect(untold[0].text?.hasPrefix("{{ task.prompt }} in src/x") == true)
    }

    @Test("two workflows differ in steps and in keys of steps")
    func comparison() throws {
        let old = try WorkflowParser.parse(Self.text, file: "w.yaml", knownAgents: ["claude"])
        var new = old
        #expect(WorkflowComparison(from: old, to: new).changed.isEmpty)
        new.steps.removeAll { $0.id == "rescue" }
        new.steps.append(WorkflowStep(id: "more", body: .script(ScriptBody(text: "true"))))
        new.steps[1].timeout = .seconds(60)
        new.steps[1].maxAttempts = 2
        new.steps.swapAt(0, 1)
        new.timeout = .seconds(5)
        let found = WorkflowComparison(from: old, to: new)
        #expect(found.added == ["more"] && found.removed == ["rescue"] && found.isReordered)
        #expect(found.changed == [.init(step: "deep", keys: ["max-attempts", "timeout"])])
        #expect(found.workflowKeys == ["timeout"])
    }
}
