import RunnerCore
import Testing

@Suite("Wrong stages in workflow files")
struct StageErrorTests {
    /// A file whose line 2 has the stages, in short form, and whose steps begin in line 4.
    private static func wrong(
        _ title: String, _ stages: String, _ steps: [String], _ line: Int, _ keyPath: String, _ mentions: String
    ) -> WorkflowErrorTests.Wrong {
        let lines = steps.map { "  - { \($0) }\n" }.joined()
        return WorkflowErrorTests.Wrong(
            title: title, source: "name: w\nstages: \(stages)\nsteps:\n\(lines)", line: line, keyPath: keyPath,
            mentions: mentions)
    }

    private static let fine = ["id: x, stage: a, run: x", "id: y, stage: b, run: x"]
    private static let readers = [
        "id: p, stage: a, run: x", "id: x, stage: b, run: x, writes: false", "id: y, stage: b, run: x, writes: false",
    ]
    private static let sideBySide = "[a, { name: b, parallel: true }, c]"

    static let cases: [WorkflowErrorTests.Wrong] = [
        wrong("no list", "a", fine, 2, "stages", "expected a list of stages"),
        wrong("nothing", "", fine, 2, "stages", "found nothing"),
        wrong("an empty list", "[]", fine, 2, "stages", "the list of stages is empty"),
        wrong(
            "too many", "[" + (1...51).map { "s\($0)" }.joined(separator: ", ") + "]", fine, 2, "stages",
            "more than 50 stages"),
        wrong("a list as a stage", "[a, [b]]", fine, 2, "stages[1]", "name of a stage or a map"),
        wrong("null as a stage", "[a, ~]", fine, 2, "stages[1]", "expected a text, found nothing"),
        wrong("a stage without a name", "[a, { agent: codex }]", fine, 2, "stages[1]", "needs a \"name\""),
        wrong("an unknown key", "[a, { name: b, agnt: codex }]", fine, 2, "stages[1].agnt", "did you mean \"agent\""),
        wrong(
            "an unknown agent", "[a, { name: b, agent: cluade }]", fine, 2, "stages[1].agent", "did you mean \"claude\""
        ),
        wrong(
            "parallel as a text", "[a, { name: b, parallel: 'yes' }]", fine, 2, "stages[1].parallel", "true or false"),
        wrong("required as a text", "[a, { name: b, required: no }]", fine, 2, "stages[1].required", "true or false"),
        wrong(
            "an unknown transition", "[{ name: a, transition: auto }, b]", fine, 2, "stages[0].transition",
            "use automatic or manual"),
        wrong(
            "a manual transition at the end", "[a, { name: b, transition: manual }]", fine, 2, "stages[1].transition",
            "nothing follows \"b\""),
        wrong("a name twice", "[a, { name: a }, b]", fine, 2, "stages[1].name", "\"a\" is already in line 2"),
        wrong("a name that is a template", "[a, 'b{{ x }}']", fine, 2, "stages[1]", "cannot contain \"{{\""),
        wrong("a stage without steps", "[a, b, c]", fine, 2, "stages[2]", "no step is in the stage \"c\""),
        wrong(
            "a step without a stage", "[a, b]", fine + ["id: z, run: x"], 6, "steps[2]",
            "needs a \"stage\", one of a, b"),
        wrong(
            "a step of an unknown stage", "[a, build]", ["stage: a, run: x", "stage: biuld, run: x"], 5,
            "steps[1].stage", "did you mean \"build\""),
        wrong(
            "a step of a stage far away", "[a, b]", fine + ["stage: elsewhere, run: x"], 6, "steps[2].stage",
            "no stage \"elsewhere\", there are a, b"),
        wrong(
            "a step after one of a later stage", "[a, b]", fine + ["stage: a, run: x"], 6, "steps[2].stage",
            "\"a\" cannot follow one of \"b\""),
        wrong(
            "a step inside a group in another stage", "[a, b]",
            ["stage: a, loop: { steps: [{ stage: b, run: x }] }", "stage: b, run: x"], 4,
            "steps[0].loop.steps[0].stage", "the stage of the group, \"a\""),
        wrong(
            "a judge in another stage", "[a, b]",
            ["stage: a, fork: { steps: [{ run: x }], judge: { stage: b, run: x } }", "stage: b, run: x"], 4,
            "steps[0].fork.judge.stage", "the stage of the group, \"a\""),
        wrong(
            "a step that needs a later stage", "[a, b]",
            ["id: x, stage: a, run: x, needs: y", "id: y, stage: b, run: x"],
            4, "steps[0].needs", "\"y\" comes after the stage \"a\""),
        wrong(
            "a step that needs the decision after its stage", "[{ name: a, transition: manual }, b]",
            ["id: x, stage: a, run: x, needs: a-done", fine[1]], 4, "steps[0].needs", "\"a-done\" comes after"),
        wrong(
            "writers side by side", sideBySide, [readers[0], readers[1], "stage: b, run: x", "stage: c, run: x"], 6,
            "steps[2]", "writes: false"),
        wrong(
            "an approval side by side", sideBySide, readers + ["stage: b, approval: ok", "stage: c, run: x"], 7,
            "steps[3]", "an approval cannot run beside"),
        wrong(
            "a group side by side", sideBySide,
            readers + ["stage: b, loop: { steps: [{ run: x, writes: false }] }", "stage: c, run: x"], 7, "steps[3]",
            "a group cannot run beside"),
        wrong(
            "a step that sees one beside it", sideBySide,
            readers + ["stage: b, agent: default, prompt: '{{ steps.x.result }}', writes: false", "stage: c, run: x"],
            7, "steps[3].prompt", "has not run yet"),
        wrong(
            "a step that needs one beside it", sideBySide,
            readers + ["stage: b, run: x, writes: false, needs: x", "stage: c, run: x"], 7, "steps[3].needs",
            "side by side; none can need another"),
        wrong(
            "a step that needs one inside a stage", sideBySide, readers + ["stage: c, run: x, needs: [p, x]"], 7,
            "steps[3].needs[1]", "need \"b\" instead"),
        wrong(
            "a rework of one inside a stage", sideBySide, readers + ["stage: c, approval: { message: m, rework: y }"],
            7, "steps[3].approval.rework", "go back to \"b\" instead"),
        wrong(
            "a stage of which one step needs what may be skipped", sideBySide,
            [
                "id: p, stage: a, run: x, if: inputs.p", readers[1], "id: y, stage: b, run: x, writes: false, needs: p",
                "stage: c, run: x",
            ], 6, "steps[2].needs", "if: steps.p.status == 'succeeded'"),
        wrong(
            "a step called as a stage", sideBySide, readers + ["id: b, stage: c, run: x"], 2, "stages[1].name",
            "makes a step \"b\", but that id is already used in line 7"),
        wrong(
            "a step called as a decision", "[{ name: a, transition: manual }, b]",
            fine + ["id: z, stage: b, loop: { steps: [{ id: a-done, run: x }] }"], 2, "stages[0].name",
            "makes a step \"a-done\", but that id is already used in line 6"),
        wrong(
            "two stages with one id", "[{ name: A, transition: manual }, { name: a, transition: manual }, b]",
            ["stage: A, run: x", "stage: a, run: x", "stage: b, run: x"], 2, "stages[1].name", "rename one of them"),
    ]

    @Test("each has file, line, key path and reason", arguments: cases)
    func wrongFile(wrong: WorkflowErrorTests.Wrong) throws {
        let error = #expect(throws: WorkflowErrors.self) {
            try WorkflowParser.parse(wrong.source, file: "w.yaml", knownAgents: ["claude", "codex"])
        }
        let first = try #require(
            error?.errors.first { $0.message.contains(wrong.mentions) }, "\(String(describing: error))")
        #expect(first.file == "w.yaml" && first.line == wrong.line && first.keyPath == wrong.keyPath, "\(first)")
        #expect(!first.message.contains("\n") && !first.message.hasSuffix("."))
    }

    @Test("the files that the wrong ones were made from are right")
    func right() throws {
        for (stages, steps) in [
            ("[a, b]", Self.fine), (Self.sideBySide, Self.readers + ["stage: c, run: x, needs: b"]),
            ("[{ name: a, transition: manual }, b]", Self.fine + ["stage: b, run: x, needs: [x, a-done]"]),
        ] {
            let lines = steps.map { "  - { \($0) }\n" }.joined()
            _ = try StageTests.parse("name: w\nstages: \(stages)\nsteps:\n\(lines)")
        }
    }

    @Test("one fault is told once")
    func once() throws {
        for mentions in ["need \"b\" instead", "rename one of them", "cannot follow one", "did you mean \"build\""] {
            let wrong = try #require(Self.cases.first { $0.mentions.contains(mentions) })
            let error = #expect(throws: WorkflowErrors.self) { try StageTests.parse(wrong.source) }
            #expect(error?.errors.count == 1, "\(String(describing: error))")
        }
    }
}
