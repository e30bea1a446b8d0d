import RunnerCore
import Testing

@Suite("Workflow templates and conditions")
struct WorkflowTemplateTests {
    static let context = TemplateContext(
        taskNumber: 12, taskTitle: "Fix it", taskPrompt: "Use {{ braces }} and {% tags %} and {# notes",
        repositoryName: "demo",
        repositoryURL: "https://example.org/a/demo", repositoryBranch: "main", baseBranch: "main", baseCommit: "abc123",
        runNumber: 1,
        inputs: ["level": .integer(3), "dry-run": .bool(false), "count": .string("7"), "empty": .string("")],
        env: ["MODE": "fast"],
        steps: [
            "check-it": StepFacts(
                status: .succeeded, outcome: .failed, exitCode: 1,
                outputs: ["count": "42", "list": "a,b,,c", "my-name": "x", "flag": "true", "quote": "it's"],
                summary: "bad", result: "line", error: "status 1", filesChanged: 0),
            "skipped": StepFacts(status: .skipped),
        ])

    static let fine = StatusValues(success: true, failure: false, cancelled: false)

    @Test(
        "templates render",
        arguments: [
            ("no tags { } at all }}", "no tags { } at all }}"),
            ("{{ task.number }}-{{task.title}}", "12-Fix it"),
            ("{{ task.prompt }}|", "Use {{ braces }} and {% tags %} and {# notes|"),
            (
                "{{ repository.name }} {{ repository.url }} {{ repository.branch }}",
                "demo https://example.org/a/demo main"
            ),
            ("{{ base.branch }}@{{ base.commit }} run {{ run.number }}", "main@abc123 run 1"),
            ("{{ inputs.level }} {{ inputs.dry-run }} {{ env.MODE }}", "3 false fast"),
            ("{{ inputs.count }} {{ steps.check-it.outputs.count }}", "7 42"),
            ("{{ steps.check-it.status }} {{ steps.check_it.outcome }}", "succeeded failed"),
            ("{{ steps['check-it'].exitcode }} {{ steps.check_it.files_changed }}", "1 0"),
            (
                "{{ steps.check-it.outputs.my-name }}{{ steps.check-it.summary }}{{ steps.check-it.error }}",
                "xbadstatus 1"
            ),
            ("[{{ steps.check-it.outputs.unset }}][{{ steps.skipped.exitcode }}][{{ steps.absent.result }}]", "[][][]"),
            ("{{ steps.check-it.outputs.unset|default:\"none\" }}", "none"),
            ("{{ task.title|uppercase }} {{ task.title | lowercase }}", "FIX IT fix it"),
            ("{% if steps.check-it.outcome == \"failed\" %}yes{% else %}no{% endif %}", "yes"),
            ("{% if steps.check-it.outcome==\"failed\" %}yes{% else %}no{% endif %}", "yes"),
            ("{% if inputs.level > 5 %}a{% elif inputs.level >= 3 %}b{% else %}c{% endif %}", "b"),
            ("a \n{%- if true -%}\n b {% endif %}", "ab "),
            ("{{ 'yes' if inputs.level == 3 else 'no' }}", "yes"),
            (
                "{% for item in steps.check-it.outputs.list|split:',' %}{{ forloop.counter }}{{ item }} {% endfor %}",
                "1a 2b 3c "
            ),
            ("{% for item in inputs.empty|split:',' %}x{% empty %}none{% endfor %}", "none"),
            ("{# a comment #}x", "x"),
            ("{{ \"{{\" }} {{ '%}' }}", "{{ %}"),
            ("{{ 'it''s' }} a|b:c,\"d\" {{ task.number }}", "it's a|b:c,\"d\" 12"),
        ])
    func rendering(template: String, expected: String) throws {
        #expect(try Self.context.render(template) == expected)
    }

    @Test(
        "wrong templates are refused",
        arguments: [
            "{{ }}", "{{ task }}", "{{ task.numbr }}", "{{ nothing }}", "{{ task.title.last }}", "{{ steps }}",
            "{{ steps.check-it }}", "{{ steps.check-it.outputs }}", "{{ steps.check-it.outputs.a.b }}", "{{ a b }}",
            "{{ task.title|split }}{{", "{% if %}{% endif %}", "{% endif %}", "{% if true %}{% endfor %}",
            "{% if true %}{% else %}{% else %}{% endif %}", "{% for a in task.title %}{% endfor %}",
            "{% for task in task.title|split %}{% endfor %}",
            "{% for a in task.title|split %}{% for b in task.title|split %}{% endfor %}{% endfor %}",
            "{% for a in task.title|split %}{{ a.last }}{% endfor %}", "{% for i in 0...99999999999 %}{% endfor %}",
            "{{ task.title|indent:-1 }}", "{{ task.title|filter:\"x\" }}", "{{ task.title|:x }}", "{{ task.title| }}",
            "{% block x %}{% endblock %}", "{{ success() }}", "{{ always }}", "{{ _0 }}", "{{ task[0] }}",
            "{{{ task.title }}}",
            "{{ task.title == 'x' }}", "{{ 'a }}", "{# open",
        ])
    func refusals(template: String) {
        #expect(throws: TemplateError.self) { try Self.context.render(template) }
    }

    @Test(
        "conditions hold or do not",
        arguments: [
            ("true", true), ("false", false), ("success()", true), ("success", true), ("always()", true),
            ("failure()", false), ("cancelled", false), ("!cancelled()", true), ("! failure() && true", true),
            ("steps.check-it.outcome == 'failed'", true), ("steps.check_it.outcome == \"failed\"", true),
            ("steps.check-it.outcome != 'failed'", false), ("steps.check-it.status == 'succeeded'", true),
            ("not steps.check-it.outcome == 'failed'", false), ("!steps.check-it.outputs.unset", true),
            ("steps.check-it.exitcode == 1", true), ("steps.check-it.exitcode == '1'", true),
            ("steps.check-it.outputs.count == 42", true), ("steps.check-it.outputs.count > 41.5", true),
            ("steps.check-it.outputs.count < 42", false), ("steps.check-it.outputs.unset == ''", true),
            ("steps.check-it.outputs.unset == 0", false), ("steps.skipped.exitcode != 0", true),
            ("steps.skipped.exitcode < 1", false), ("steps.check-it.outputs.flag == true", true),
            ("inputs.dry-run == false", true), ("inputs.dry-run == 'false'", true), ("inputs.dry-run", false),
            ("inputs.level == 3 and (inputs.count == 8 or inputs.count == 7)", true),
            ("inputs.level == 4 || inputs.level == 3 && false", false), ("(inputs.level == 3 || false) && true", true),
            ("'b' in steps.check-it.outputs.list", true), ("'z' in steps.check-it.outputs.list", false),
            ("steps.check-it.outputs.quote == 'it''s'", true), ("steps.check-it.outputs.quote == \"it's\"", true),
            ("task.title|lowercase == 'fix it'", true), ("${{ task.number == 12 }}", true), ("${{ always() }}", true),
            ("'%}' == '%}' && ')' == ')' && '|' != ':'", true), ("'' == inputs.empty", true),
            ("env.MODE == 'fast'", true),
        ])
    func conditions(text: String, expected: Bool) throws {
        let condition = try WorkflowCondition(text)
        #expect(try Self.context.evaluate(condition, status: Self.fine) == expected)
    }

    @Test("a condition implies success unless it asks for failure, always or cancelled")
    func impliedSuccess() throws {
        let failed = StatusValues(success: false, failure: true, cancelled: false)
        for (text, expected) in [
            ("true", false), ("success()", false), ("task.number == 12", false), ("failure()", true),
            ("always()", true),
            ("!cancelled()", true), ("failure() && task.number == 12", true), ("failure() && task.number == 13", false),
            ("success() || failure()", true), ("'failure()' == 'x' || true", false),
            ("steps.failure.outcome == ''", false),
        ] {
            #expect(try Self.context.evaluate(WorkflowCondition(text), status: failed) == expected, "\(text)")
        }
    }

    @Test("a step's environment sees the workflow's")
    func environment() throws {
        let source = """
            name: w
            inputs: {level: {default: 3}}
            env: {A: "{{ inputs.level }}", B: b}
            steps:
              - {run: x, env: {B: "{{ env.A }}{{ env.B }}", C: "{{ task.title }}"}}
            """
        let workflow = try WorkflowParser.parse(source, file: "w", knownAgents: [])
        #expect(
            try Self.context.environment(of: workflow.steps[0], in: workflow)
                == ["A": "3", "B": "3b", "C": "Fix it"])
    }

    @Test("long texts render in moderate time", .timeLimit(.minutes(1)))
    func longTexts() throws {
        var context = Self.context
        context.taskPrompt = String(repeating: "{{ x }} {% y %} ä\n", count: 50_000)
        let text = String(repeating: "line of the prompt\n", count: 20_000)
        let tags = String(repeating: "a {{ task.number }}\n", count: 240)
        let rendered = try context.render(text + "{{ task.prompt }}" + tags)
        #expect(rendered == text + context.taskPrompt + String(repeating: "a 12\n", count: 240))
    }
}
