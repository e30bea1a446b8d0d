import RunnerCore
import Testing

@Suite("Wrong workflow files")
struct WorkflowErrorTests {
    /// A file with one fault: where the first error must be and what it must mention.
    struct Wrong: CustomTestStringConvertible, Sendable {
        let title: String
        let source: String
        let line: Int
        let keyPath: String
        let mentions: String
        var column: Int?

        var testDescription: String { title }
    }

    static func step(_ lines: String) -> String {
        "name: w\nsteps:\n  - id: a\n    run: x\n" + lines
    }

    static let cases: [Wrong] = [
        Wrong(title: "empty file", source: "", line: 1, keyPath: "", mentions: "empty"),
        Wrong(title: "only a comment", source: "# nothing\n", line: 1, keyPath: "", mentions: "empty"),
        Wrong(title: "null document", source: "---\n~\n", line: 2, keyPath: "", mentions: "empty"),
        Wrong(title: "a list", source: "- a\n- b\n", line: 1, keyPath: "", mentions: "expected a map"),
        Wrong(title: "plain text", source: "hello\n", line: 1, keyPath: "", mentions: "expected a map"),
        Wrong(title: "no name", source: "steps: [{run: x}]\n", line: 1, keyPath: "name", mentions: "no \"name\""),
        Wrong(
            title: "name is a list", source: "name: [a]\nsteps: [{run: x}]\n", line: 1, keyPath: "name",
            mentions: "a list"),
        Wrong(title: "no steps", source: "name: w\n", line: 1, keyPath: "steps", mentions: "no \"steps\""),
        Wrong(title: "steps is empty", source: "name: w\nsteps: []\n", line: 2, keyPath: "steps", mentions: "empty"),
        Wrong(
            title: "steps is null", source: "name: w\nsteps:\n", line: 2, keyPath: "steps", mentions: "list of steps"),
        Wrong(
            title: "steps is a map", source: "name: w\nsteps:\n  a: {run: x}\n", line: 3, keyPath: "steps",
            mentions: "list of steps"),
        Wrong(
            title: "a step is a text", source: "name: w\nsteps:\n  - make\n", line: 3, keyPath: "steps[0]",
            mentions: "expected a map"),
        Wrong(
            title: "unknown top key", source: "name: w\nstep: []\nsteps: [{run: x}]\n", line: 2, keyPath: "step",
            mentions: "did you mean \"steps\"", column: 1),
        Wrong(
            title: "unknown step key", source: step("    timout: 5m\n"), line: 5, keyPath: "steps[0].timout",
            mentions: "did you mean \"timeout\"", column: 5),
        Wrong(
            title: "merge key", source: step("    <<: {a: b}\n"), line: 5, keyPath: "steps[0].<<",
            mentions: "merge keys"),
        Wrong(
            title: "duplicate key", source: step("    timeout: 5m\n    run: y\n"), line: 6, keyPath: "steps[0].run",
            mentions: "already set in line 4", column: 5),
        Wrong(
            title: "duplicate quoted key in a flow map",
            source: "name: w\nsteps: [{\"run\": x, timeout: 5m, 'run': y}]\n",
            line: 2, keyPath: "steps[0].run", mentions: "already set in line 2", column: 33),
        Wrong(
            title: "duplicate id", source: step("  - {id: b, run: x}\n  - id: a\n    run: y\n"), line: 6,
            keyPath: "steps[2].id", mentions: "already used in line 3", column: 9),
        Wrong(
            title: "upper case id", source: "name: w\nsteps: [{id: Build, run: x}]\n", line: 2, keyPath: "steps[0].id",
            mentions: "no step id"),
        Wrong(
            title: "id with a dash first", source: "name: w\nsteps: [{id: -x, run: x}]\n", line: 2,
            keyPath: "steps[0].id", mentions: "no step id"),
        Wrong(
            title: "id with a slash", source: "name: w\nsteps: [{id: a/b, run: x}]\n", line: 2, keyPath: "steps[0].id",
            mentions: "no step id"),
        Wrong(
            title: "neither run nor agent", source: "name: w\nsteps:\n  - id: a\n    name: nothing\n", line: 3,
            keyPath: "steps[0]", mentions: "needs \"run\" or \"agent\""),
        Wrong(
            title: "run and agent", source: step("    agent: claude\n"), line: 5, keyPath: "steps[0].agent",
            mentions: "not both"),
        Wrong(
            title: "agent without prompt", source: "name: w\nsteps:\n  - agent: claude\n", line: 3,
            keyPath: "steps[0].agent", mentions: "needs a \"prompt\""),
        Wrong(
            title: "empty prompt", source: "name: w\nsteps:\n  - agent: claude\n    prompt: \" \"\n", line: 4,
            keyPath: "steps[0].prompt", mentions: "empty"),
        Wrong(
            title: "unknown agent", source: "name: w\nsteps:\n  - agent: cluade\n    prompt: p\n", line: 3,
            keyPath: "steps[0].agent", mentions: "did you mean \"claude\"", column: 12),
        Wrong(
            title: "prompt on a script", source: step("    prompt: p\n"), line: 5, keyPath: "steps[0].prompt",
            mentions: "belongs to an \"agent\" step"),
        Wrong(
            title: "shell on an agent", source: "name: w\nsteps:\n  - agent: claude\n    prompt: p\n    shell: sh\n",
            line: 5, keyPath: "steps[0].shell", mentions: "belongs to a \"run\" step"),
        Wrong(
            title: "unknown shell", source: step("    shell: zsh\n"), line: 5, keyPath: "steps[0].shell",
            mentions: "bash or sh"),
        Wrong(
            title: "run is a map", source: "name: w\nsteps:\n  - run: {a: b}\n", line: 3, keyPath: "steps[0].run",
            mentions: "expected a text, found a map"),
        Wrong(
            title: "run is empty", source: "name: w\nsteps:\n  - run:\n", line: 3, keyPath: "steps[0].run",
            mentions: "expected a text"),
        Wrong(
            title: "timeout is a word", source: step("    timeout: soon\n"), line: 5, keyPath: "steps[0].timeout",
            mentions: "duration", column: 14),
        Wrong(
            title: "timeout is zero", source: step("    timeout: 0\n"), line: 5, keyPath: "steps[0].timeout",
            mentions: "duration"),
        Wrong(
            title: "run timeout is a list", source: "name: w\ntimeout: [5]\nsteps: [{run: x}]\n", line: 2,
            keyPath: "timeout", mentions: "found a list"),
        Wrong(
            title: "continue-on-error is yes", source: step("    continue-on-error: yes\n"), line: 5,
            keyPath: "steps[0].continue-on-error", mentions: "true or false"),
        Wrong(
            title: "max-attempts is 11", source: step("    max-attempts: 11\n"), line: 5,
            keyPath: "steps[0].max-attempts", mentions: "from 1 to 10"),
        Wrong(
            title: "needs an unknown step",
            source: step("  - {id: test, run: x}\n  - id: c\n    run: y\n    needs: [a, tset]\n"),
            line: 8, keyPath: "steps[2].needs[1]", mentions: "did you mean \"test\"", column: 16),
        Wrong(
            title: "needs is a map", source: step("    needs: {a: b}\n"), line: 5, keyPath: "steps[0].needs",
            mentions: "found a map"),
        Wrong(
            title: "needs twice", source: step("  - {id: b, run: x, needs: [a, a]}\n"), line: 5,
            keyPath: "steps[1].needs[1]", mentions: "twice"),
        Wrong(
            title: "needs itself", source: step("    needs: a\n"), line: 5, keyPath: "steps[0].needs",
            mentions: "circle: a → a"),
        Wrong(
            title: "a circle of three",
            source:
                "name: w\nsteps:\n  - {id: z, run: x}\n  - {id: a, run: x, needs: b}\n  - {id: b, run: x, needs: c}\n  - {id: c, run: x, needs: a}\n",
            line: 4, keyPath: "steps[1].needs", mentions: "circle: a → b → c → a"),
        Wrong(
            title: "if with a single equals sign", source: step("    if: success() && base.branch = 'main'\n"), line: 5,
            keyPath: "steps[0].if", mentions: "compare with ==", column: 34),
        Wrong(
            title: "if in braces with an unknown name", source: step("    if: ${{ github.ref == 'x' }}\n"), line: 5,
            keyPath: "steps[0].if", mentions: "unknown name \"github\"", column: 13),
        Wrong(
            title: "if with an unknown function", source: step("    if: \"alwayz()\"\n"), line: 5,
            keyPath: "steps[0].if",
            mentions: "did you mean \"always\"", column: 10),
        Wrong(
            title: "if about itself", source: step("    if: steps.a.outcome == 'failed'\n"), line: 5,
            keyPath: "steps[0].if", mentions: "has not run yet"),
        Wrong(
            title: "if about a later step",
            source: step("    if: always() and steps.b.outcome == 'failed'\n  - {id: b, run: x}\n"),
            line: 5, keyPath: "steps[0].if", mentions: "has not run yet", column: 22),
        Wrong(
            title: "if about an unknown step", source: step("  - {id: b, run: x, if: steps.aa.exitcode == 1}\n"),
            line: 5,
            keyPath: "steps[1].if", mentions: "did you mean \"a\""),
        Wrong(
            title: "if about an unknown field", source: step("  - {id: b, run: x, if: steps.a.exit_code == 1}\n"),
            line: 5,
            keyPath: "steps[1].if", mentions: "did you mean \"exitcode\""),
        Wrong(
            title: "prompt with an unknown root",
            source: "name: w\nsteps:\n  - agent: claude\n    prompt: |\n      Do\n      this: {{ tsk.prompt }}\n",
            line: 6,
            keyPath: "steps[0].prompt", mentions: "did you mean \"task\"", column: 16),
        Wrong(
            title: "prompt with a tag that is not closed",
            source: "name: w\nsteps:\n  - agent: claude\n    prompt: |\n      A {{ task.prompt\n      B\n", line: 5,
            keyPath: "steps[0].prompt", mentions: "not closed", column: 9),
        Wrong(
            title: "prompt with an if that is not closed",
            source: "name: w\nsteps:\n  - agent: claude\n    prompt: \"{% if task.number %}A\"\n", line: 4,
            keyPath: "steps[0].prompt", mentions: "{% endif %}"),
        Wrong(
            title: "prompt with an unknown tag",
            source: "name: w\nsteps:\n  - agent: claude\n    prompt: '{% include \"x\" %}'\n", line: 4,
            keyPath: "steps[0].prompt", mentions: "unknown tag \"include\""),
        Wrong(
            title: "prompt with an unknown filter",
            source: "name: w\nsteps:\n  - agent: claude\n    prompt: '{{ task.title|uppercas }}'\n", line: 4,
            keyPath: "steps[0].prompt", mentions: "did you mean \"uppercase\""),
        Wrong(
            title: "prompt with an unknown input",
            source: "name: w\ninputs: {level: {}}\nsteps:\n  - agent: claude\n    prompt: '{{ inputs.levle }}'\n",
            line: 5,
            keyPath: "steps[0].prompt", mentions: "did you mean \"level\""),
        Wrong(
            title: "env with an unknown output root", source: step("    env:\n      A: '{{ steps.zzzz.outputs.x }}'\n"),
            line: 6, keyPath: "steps[0].env.A", mentions: "there is no step"),
        Wrong(
            title: "workflow env that names steps",
            source: "name: w\nenv:\n  A: '{{ steps.a.result }}'\nsteps: [{id: a, run: x}]\n", line: 3, keyPath: "env.A",
            mentions: "cannot be used here"),
        Wrong(
            title: "env name with a dash", source: step("    env: {A-B: x}\n"), line: 5, keyPath: "steps[0].env.A-B",
            mentions: "no name of an environment variable"),
        Wrong(
            title: "env name of the runner", source: step("    env: {RUNNER_OUTPUT: x}\n"), line: 5,
            keyPath: "steps[0].env.RUNNER_OUTPUT", mentions: "set by the runner"),
        Wrong(
            title: "input with an unknown key", source: "name: w\ninputs: {a: {defualt: 1}}\nsteps: [{run: x}]\n",
            line: 2,
            keyPath: "inputs.a.defualt", mentions: "did you mean \"default\""),
        Wrong(
            title: "a tab as indentation", source: "name: w\nsteps:\n  - id: a\n\trun: x\n", line: 4,
            keyPath: "steps[0]",
            mentions: "tab"),
        Wrong(
            title: "a bracket that is not closed", source: "name: w\nsteps: [{run: x}\n", line: 3, keyPath: "",
            mentions: "no valid YAML"),
        Wrong(
            title: "wrong indentation", source: "name: w\nsteps:\n  - id: a\n   run: x\n", line: 4, keyPath: "steps[0]",
            mentions: "no valid YAML"),
        Wrong(
            title: "a colon in a plain text", source: "name: w\nsteps:\n  - run: echo a: b\n", line: 3,
            keyPath: "steps",
            mentions: "no valid YAML"),
        Wrong(
            title: "two documents", source: "name: w\nsteps: [{run: x}]\n---\nname: v\n", line: 4, keyPath: "",
            mentions: "more than one document"),
        Wrong(
            title: "an undefined alias", source: "name: w\nsteps: [{run: x, env: *nothing}]\n", line: 2, keyPath: "",
            mentions: "no earlier anchor"),
        Wrong(
            title: "an alias inside its own anchor", source: "name: w\nsteps: &s\n  - *s\n", line: 3, keyPath: "steps",
            mentions: "no earlier anchor"),
        Wrong(
            title: "a YAML tag", source: "name: w\nsteps:\n  - run: !!binary aGk=\n", line: 3, keyPath: "steps[0].run",
            mentions: "tag"),
        Wrong(
            title: "an unquoted exclamation mark", source: step("    if: !cancelled()\n"), line: 5,
            keyPath: "steps[0].if", mentions: "quote a text"),
        Wrong(
            title: "a map as a key", source: "name: w\nsteps:\n  - {a: b}: c\n    run: x\n", line: 3,
            keyPath: "steps[0]",
            mentions: "key must be plain text"),
    ]

    @Test("a fault is reported at its place, with its key path and reason", arguments: cases)
    func place(wrong: Wrong) throws {
        let error = try #require(throws: WorkflowErrors.self) {
            try WorkflowParser.parse(wrong.source, file: "dir/w.yaml", knownAgents: ["claude"])
        }
        let first = try #require(error.errors.first)
        #expect(error.errors.count == 1, "\(error)")
        #expect(first.file == "dir/w.yaml")
        #expect(first.line == wrong.line, "\(first)")
        #expect(first.keyPath == wrong.keyPath, "\(first)")
        #expect(first.message.contains(wrong.mentions), "\(first)")
        if let column = wrong.column { #expect(first.column == column, "\(first)") }
        #expect(first.description.hasPrefix("dir/w.yaml:\(wrong.line):\(first.column): "))
    }

    @Test("one fault does not hide the next")
    func many() throws {
        let source = """
            name: w
            colour: red
            steps:
              - id: A
                run: x
                timeout: never
              - agent: nobody
                prompt: "{{ nothing }}"
                needs: missing
                run-me: x
                run-me: y
            """
        let error = try #require(throws: WorkflowErrors.self) {
            try WorkflowParser.parse(source, file: "w", knownAgents: [])
        }
        #expect(
            error.errors.map { "\($0.line) \($0.keyPath)" } == [
                "2 colour", "4 steps[0].id", "6 steps[0].timeout", "7 steps[1].agent", "8 steps[1].prompt",
                "9 steps[1].needs", "10 steps[1].run-me", "11 steps[1].run-me",
            ])
    }
}
