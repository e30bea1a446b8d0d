import Foundation
import RunnerCore
import Testing

@Suite("what a step must leave behind")
struct StepContractTests {
    private static func parse(_ keys: String) throws -> StepContract {
        let text = "name: w\nsteps:\n  - id: one\n    run: 'true'\n" + keys
        return try WorkflowParser.parse(text, file: "w.yaml", knownAgents: []).steps[0].contract
    }

    private static func errors(_ keys: String) -> [WorkflowError] {
        do {
            _ = try parse(keys)
            return []
        } catch {
            return (error as? WorkflowErrors)?.errors ?? []
        }
    }

    private static let whole = """
            outputs:
              plan:
                type: object
                required: [files]
                properties:
                  files: { type: array, items: { type: string } }
              count: integer
              note: string?
              extra: { type: boolean, optional: true }
            produces:
              files: ["dist/**/*.js", README.md]
              changes: true
              artifacts: report.json
            artifacts:
              report.json: out/report.json

        """

    private static func json(_ text: String) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    @Test("it is read, kept by a round trip through JSON, and checked with the path of what is wrong")
    func whole() throws {
        let contract = try Self.parse(Self.whole)
        #expect(contract.outputs.keys.sorted() == ["count", "extra", "note", "plan"])
        #expect(
            contract.produces
                == Production(files: ["dist/**/*.js", "README.md"], changes: true, artifacts: ["report.json"]))
        #expect(contract.artifacts == ["report.json": "out/report.json"])
        let text = "name: w\nsteps:\n  - id: one\n    run: 'true'\n" + Self.whole
        let definition = try WorkflowParser.parse(text, file: "w.yaml", knownAgents: [])
        #expect(try JSONDecoder().decode(WorkflowDefinition.self, from: JSONEncoder().encode(definition)) == definition)
        func problem(_ outputs: [String: String]) -> String? { contract.problem(with: outputs, parse: Self.json) }
        #expect(problem(["plan": #"{"files":[]}"#, "count": "3"]) == nil)
        #expect(problem(["plan": #"{"files":[]}"#, "count": "3", "note": "3", "extra": "true"]) == nil)
        #expect(
            problem(["plan": #"{"files":["a","b",3]}"#, "count": "3"])
                == "outputs.plan.files[2]: expected a string, found 3")
        #expect(problem(["plan": "{}", "count": "3"]) == "outputs.plan.files: it is missing")
        #expect(problem(["plan": #"{"files":[]}"#]) == "outputs.count: the step did not set it")
        #expect(problem(["count": "three", "plan": "{}"])?.contains("no JSON: \"three\"") == true)
        #expect(
            problem(["count": "1", "extra": "1", "plan": "{}"])?.hasPrefix("outputs.extra: expected a boolean") == true)
    }

    @Test(
        "texts need no quotes where only texts are allowed",
        arguments: ["string", "{ enum: [low, high] }", "{ const: low }"])
    func texts(schema: String) throws {
        let contract = try Self.parse("    outputs: { risk: \(schema) }\n")
        #expect(contract.problem(with: ["risk": "low"], parse: Self.json) == nil)
    }

    @Test(
        "mistakes come with line and key path",
        arguments: [
            ("    outputs:\n      a: strnig\n", 6, "steps[0].outputs.a"),
            (
                "    outputs:\n      a:\n        type: object\n        properties:\n          b: { tpye: string }\n", 9,
                "steps[0].outputs.a.properties.b.tpye"
            ),
            ("    outputs:\n      a:\n        required: [x, 3]\n", 7, "steps[0].outputs.a.required[1]"),
            ("    outputs:\n      a:\n        pattern: '(?=x)'\n", 7, "steps[0].outputs.a.pattern"),
            ("    outputs:\n      a: { optional: maybe }\n", 6, "steps[0].outputs.a.optional"),
            ("    outputs:\n      'no name': string\n", 6, "steps[0].outputs"),
            ("    outputs: [a]\n", 5, "steps[0].outputs"), ("    produces: { file: x }\n", 5, "steps[0].produces.file"),
            ("    produces: { files: [../x] }\n", 5, "steps[0].produces.files[0]"),
            ("    produces: { commits: 3 }\n", 5, "steps[0].produces.commits"),
            ("    produces: { changes: true }\n    writes: false\n", 5, "steps[0].produces"),
            ("    artifacts: { a/b: x }\n", 5, "steps[0].artifacts"),
            ("    artifacts: { a: /etc/passwd }\n", 5, "steps[0].artifacts.a"),
            ("    produces: { artifacts: ['.x'] }\n", 5, "steps[0].produces.artifacts[0]"),
        ])
    func mistakes(keys: String, line: Int, keyPath: String) throws {
        let errors = Self.errors(keys)
        let error = try #require(errors.first)
        #expect(error.line == line && error.keyPath.hasPrefix(keyPath), "\(error)")
    }

    @Test(
        "outputs that are written as a file are read as they were", arguments: ["", "x", "a=b\nEND\nEND_\n", "é\n\n"])
    func written(value: String) throws {
        let outputs = ["one": value, "two-2": "END"]
        #expect(try StepOutput.parse(Array(StepOutput.text(of: outputs).utf8)) == outputs)
    }

    @Test("the line ends of Windows hide no closing word")
    func writtenWithReturns() throws {
        let text = StepOutput.text(of: ["one": "a\r\nEND\r\nb"])
        #expect(try StepOutput.parse(Array(text.utf8)) == ["one": "a\nEND\nb"])
    }
}
