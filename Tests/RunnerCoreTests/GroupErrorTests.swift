import RunnerCore
import Testing

@Suite("Wrong groups and gates in workflow files")
struct GroupErrorTests {
    private static func wrong(
        _ title: String, _ lines: String, _ line: Int, _ keyPath: String, _ mentions: String
    ) -> WorkflowErrorTests.Wrong {
        WorkflowErrorTests.Wrong(
            title: title, source: "name: w\nsteps:\n" + lines, line: line, keyPath: keyPath, mentions: mentions)
    }

    static let cases: [WorkflowErrorTests.Wrong] = [
        wrong("loop without steps", "  - id: l\n    loop: { max: 2 }\n", 4, "steps[0].loop", "needs \"steps\""),
        wrong("loop that is a text", "  - { loop: often }\n", 3, "steps[0].loop", "expected a map"),
        wrong(
            "unknown key of a loop", "  - loop: { steps: [{ run: x }], until_: a }\n", 3, "steps[0].loop.until_",
            "did you mean \"until\""),
        wrong(
            "a loop of no rounds", "  - loop: { steps: [{ run: x }], max: 0 }\n", 3, "steps[0].loop.max",
            "from 1 to 100"),
        wrong("bad until", "  - loop: { steps: [{ run: x }], until: 'a ==' }\n", 3, "steps[0].loop.until", "expected"),
        wrong(
            "until names a step that is not there",
            "  - loop: { steps: [{ id: a, run: x }], until: steps.b.outcome == 'x' }\n", 3, "steps[0].loop.until",
            "no step \"b\""),
        wrong(
            "a called workflow that is a path", "  - { id: a, workflow: ./inner.yaml }\n", 3, "steps[0].workflow",
            "is a path"),
        wrong(
            "outputs of a group", "  - { parallel: [{ run: x, writes: false }], outputs: { a: string } }\n", 3,
            "steps[0].outputs", "cannot be used here"),
        wrong(
            "what a called workflow produces", "  - { workflow: inner, produces: { changes: true } }\n", 3,
            "steps[0].produces", "cannot be used here"),
        wrong(
            "artifacts of an approval", "  - { approval: go?, artifacts: { a: b } }\n", 3, "steps[0].artifacts",
            "cannot be used here"),
        wrong("empty parallel", "  - parallel: []\n", 3, "steps[0].parallel", "empty"),
        wrong(
            "writers side by side",
            "  - parallel:\n      - { id: a, run: x }\n      - { id: b, run: x, writes: false }\n", 4,
            "steps[0].parallel[0]", "writes: false"),
        wrong(
            "a sibling that runs beside",
            "  - parallel:\n      - { id: a, run: x, writes: false }\n      - { id: b, agent: default, writes: false, prompt: '{{ steps.a.result }}' }\n",
            5, "steps[0].parallel[1].prompt", "has not run yet"),
        wrong(
            "foreach without items", "  - foreach: { steps: [{ run: x }] }\n", 3, "steps[0].foreach", "needs \"items\""),
        wrong(
            "item outside a foreach", "  - { agent: default, prompt: '{{ item }}' }\n", 3, "steps[0].prompt",
            "only inside a foreach"),
        wrong(
            "loop outside a loop", "  - { agent: default, prompt: '{{ loop.number }}' }\n", 3, "steps[0].prompt",
            "only inside a loop"),
        wrong(
            "matrix outside a strategy", "  - { agent: default, prompt: '{{ matrix.os }}' }\n", 3, "steps[0].prompt",
            "with a strategy"),
        wrong(
            "unknown value of the matrix",
            "  - strategy: { matrix: { os: [a] } }\n    agent: default\n    prompt: '{{ matrix.oss }}'\n", 5,
            "steps[0].prompt", "did you mean \"os\""),
        wrong(
            "a matrix without values", "  - strategy: { matrix: { os: [] } }\n    run: x\n", 3,
            "steps[0].strategy.matrix.os", "list of values"),
        wrong(
            "a matrix with everything excluded",
            "  - strategy: { matrix: { os: [a], exclude: [{ os: a }] } }\n    run: x\n", 3, "steps[0].strategy.matrix",
            "no combination"),
        wrong(
            "a huge matrix",
            "  - strategy: { matrix: { a: [1,2,3,4,5,6,7], b: [1,2,3,4,5,6,7], c: [1,2,3,4,5,6,7] } }\n    run: x\n", 3,
            "steps[0].strategy.matrix", "more than 256"),
        wrong("fork without a judge", "  - fork: { steps: [{ run: x }] }\n", 3, "steps[0].fork", "needs a \"judge\""),
        wrong(
            "fork of one", "  - fork: { count: 1, judge: score, steps: [{ run: x }] }\n", 3, "steps[0].fork.count",
            "from 2 to 16"),
        wrong(
            "fork with an unknown agent", "  - fork: { agents: [cluade], judge: score, steps: [{ run: x }] }\n", 3,
            "steps[0].fork.agents[0]", "did you mean \"claude\""),
        wrong(
            "candidates outside a judge", "  - { agent: default, prompt: '{{ candidates }}' }\n", 3, "steps[0].prompt",
            "judge of a fork"),
        wrong(
            "merge of one", "  - parallel: { merge: true, steps: [{ run: x }] }\n", 3, "steps[0].parallel",
            "from 2 to 16"),
        wrong(
            "approval without a message", "  - approval: { expires: 1h }\n", 3, "steps[0].approval",
            "needs a \"message\""),
        wrong(
            "rework of a later step", "  - { id: g, approval: { message: m, rework: z } }\n  - { id: z, run: x }\n", 3,
            "steps[0].approval.rework", "no step \"z\" before"),
        wrong("approval with a script", "  - { approval: ok, run: x }\n", 3, "steps[0].run", "asks a person"),
        wrong("unknown tool", "  - { tool: comit }\n", 3, "steps[0].tool", "did you mean \"commit\"?"),
        wrong("a strange tool", "  - { tool: telephone }\n", 3, "steps[0].tool", "known are commit, push, fetch"),
        wrong(
            "tool without its message", "  - { tool: notify }\n", 3, "steps[0].tool", "needs \"with: { message: … }\""),
        wrong(
            "tool with an empty map", "  - { tool: commit, with: { squash: true } }\n", 3, "steps[0].with",
            "needs \"with: { message: … }\""),
        wrong(
            "squash of a wrong type", "  - { tool: commit, with: { message: m, squash: maybe } }\n", 3,
            "steps[0].with.squash", "expected true or false"),
        wrong(
            "tool with an unknown key", "  - { tool: push, with: { to: x } }\n", 3, "steps[0].with.to", "known are as"),
        wrong(
            "tool that takes nothing", "  - { tool: fetch, with: { a: b } }\n", 3, "steps[0].with", "takes no \"with\""),
        wrong("artifact without a file", "  - { tool: artifact }\n", 3, "steps[0].tool", "the name of each artifact"),
        wrong(
            "artifact with a wrong name", "  - { tool: artifact, with: { a/b: c } }\n", 3, "steps[0].with.a/b",
            "no name for an artifact"),
        wrong(
            "unknown name in a tool's text", "  - { tool: notify, with: { message: '{{ steps.x.result }}' } }\n", 3,
            "steps[0].with.message", "x"),
        wrong(
            "needs beside each other",
            "  - parallel: [{ id: a, run: x, writes: false }, { run: y, writes: false, needs: a }]\n",
            3, "steps[0].parallel[1].needs", "side by side; none can need another"),
        wrong(
            "tool with a contract", "  - { tool: fetch, artifacts: { a: b } }\n", 3, "steps[0].artifacts",
            "does the step itself"),
        wrong(
            "two kinds of group", "  - { parallel: [{ run: x, writes: false }], loop: { steps: [{ run: y }] } }\n", 3,
            "steps[0].parallel", "the step is a \"loop\""),
        wrong(
            "the same id inside a group", "  - { id: a, run: x }\n  - loop: { steps: [{ id: a, run: x }] }\n", 4,
            "steps[1].loop.steps[0].id", "already used in line 3"),
        wrong(
            "needs what is inside a group", "  - loop: { steps: [{ id: a, run: x }] }\n  - { needs: a, run: x }\n", 4,
            "steps[1].needs", "no step \"a\""),
        wrong(
            "a called workflow with a script", "  - { workflow: other, run: x }\n", 3, "steps[0].run",
            "the step is a \"workflow\""),
        wrong(
            "groups that are too deep",
            "  - loop: { steps: [loop: { steps: [loop: { steps: [loop: { steps: [loop: { steps: [run: x] }] }] }] }] }\n",
            3, "steps[0].loop.steps[0].loop.steps[0].loop.steps[0].loop.steps[0].loop", "more than 4 deep"),
        wrong(
            "groups that multiply",
            "  - loop: { max: 100, steps: [loop: { max: 100, steps: [foreach: { max: 1000, items: '{{ task.title }}', steps: [run: x] }] }] }\n",
            3, "steps", "more than 1000000"),
    ]

    @Test("each has file, line, key path and reason", arguments: cases)
    func wrongFile(wrong: WorkflowErrorTests.Wrong) throws {
        let error = #expect(throws: WorkflowErrors.self) {
            try WorkflowParser.parse(wrong.source, file: "w.yaml", knownAgents: ["claude", "command"])
        }
        let first = try #require(
            error?.errors.first { $0.message.contains(wrong.mentions) }, "\(String(describing: error))")
        #expect(first.file == "w.yaml" && first.line == wrong.line && first.keyPath == wrong.keyPath, "\(first)")
    }
}
