import Foundation
import RunnerCore
import Testing

@Suite("Workflow files")
struct WorkflowParserTests {
    static let full = """
        name: everything
        description: Uses every key.
        inputs:
          level:
            description: how hard
            default: 3
            required: false
          dry-run: {default: true}
          note:
        env:
          MODE: "{{ inputs.level }}"
          EMPTY:
        timeout: 2h
        steps:
          - id: build_it
            name: Build
            stage: implement
            run: |
              make
              make install
            shell: sh
            timeout: 10m
            idle-timeout: 90
            env: {PORT: 8080, TITLE: "{{ task.title }}"}
            max-attempts: 3
          - name: Ask an agent!
            agent: claude
            prompt: "{{ task.prompt }} {{ steps.build_it.outputs.path }}"
            with: {model: fast, turns: 5, tools: [a, b], deep: {x: 1.5, y: null, z: true}}
            needs: build_it
            if: failure() && steps.build_it.exitcode != 0
            continue-on-error: true
            writes: false
          - run: "true"
            needs: [build_it, ask-an-agent]
        """

    @Test("every key reaches the definition")
    func everyKey() throws {
        let workflow = try WorkflowParser.parse(Self.full, file: "w.yaml", knownAgents: ["claude"])
        #expect(workflow.name == "everything")
        #expect(workflow.description == "Uses every key.")
        #expect(workflow.inputs["level"] == WorkflowInput(description: "how hard", defaultValue: .integer(3)))
        #expect(workflow.inputs["dry-run"]?.defaultValue == .bool(true))
        #expect(workflow.inputs["note"] == WorkflowInput())
        #expect(workflow.env == ["MODE": "{{ inputs.level }}", "EMPTY": ""])
        #expect(workflow.timeout == .seconds(7_200))
        #expect(workflow.steps.map(\.id) == ["build_it", "ask-an-agent", "step-3"])
        let build = workflow.steps[0]
        #expect(build.body == .script(ScriptBody(text: "make\nmake install\n", shell: .sh)))
        #expect(build.stage == "implement")
        #expect(build.timeout == .seconds(600))
        #expect(build.idleTimeout == .seconds(5_400))
        #expect(build.env == ["PORT": "8080", "TITLE": "{{ task.title }}"])
        #expect(build.maxAttempts == 3)
        #expect(build.writes && !build.continueOnError && build.condition == nil)
        let ask = workflow.steps[1]
        let with: [String: JSONValue] = [
            "model": .string("fast"), "turns": .integer(5), "tools": .array([.string("a"), .string("b")]),
            "deep": .object(["x": .number(1.5), "y": .null, "z": .bool(true)]),
        ]
        #expect(
            ask.body
                == .agent(
                    AgentBody(
                        agent: "claude", prompt: "{{ task.prompt }} {{ steps.build_it.outputs.path }}", with: with)))
        #expect(ask.needs == ["build_it"])
        #expect(ask.condition?.text == "failure() && steps.build_it.exitcode != 0")
        #expect(ask.continueOnError && !ask.writes)
        #expect(workflow.steps[2].needs == ["build_it", "ask-an-agent"])
    }

    @Test("a definition survives its JSON, which uses the file's keys")
    func json() throws {
        let workflow = try WorkflowParser.parse(Self.full, file: "w.yaml", knownAgents: ["claude"])
        let data = try JSONEncoder().encode(workflow)
        #expect(try JSONDecoder().decode(WorkflowDefinition.self, from: data) == workflow)
        let json = try JSONDecoder().decode(JSONValue.self, from: data)
        let step = try #require(json["steps"]?.arrayValue?[1])
        #expect(step["agent"] == .string("claude"))
        #expect(step["if"] == .string("failure() && steps.build_it.exitcode != 0"))
        #expect(step["continue-on-error"] == .bool(true))
        #expect(json["timeout"]?.doubleValue == 7_200)
    }

    @Test("numbers that scripts get to see stay as they are written: 3.10 is no 3.1")
    func writtenNumbers() throws {
        let source = """
            name: n
            inputs: { version: { default: 1.20 }, round: { default: 5 } }
            steps:
              - id: m
                strategy: { matrix: { v: [3.9, 3.10, 007, 1e3, 7.0, -0.0], exclude: [{ v: 007 }] } }
                run: x
              - id: f
                foreach: { items: [1.0, 2.50, [0.10]], steps: [{ run: x }] }
            """
        let workflow = try WorkflowParser.parse(source, file: "w.yaml", knownAgents: [])
        #expect(workflow.inputs["version"]?.defaultValue == .string("1.20"))
        #expect(workflow.inputs["round"]?.defaultValue == .integer(5))
        let matrix = try #require(workflow.steps[0].group)
        #expect(
            matrix.combinations.map { $0["v"] } == [
                .number(3.9), .string("3.10"), .string("1e3"), .string("7.0"), .string("-0.0"),
            ])
        let list = try #require(workflow.steps[1].group)
        #expect(list.list == [.string("1.0"), .string("2.50"), .array([.string("0.10")])])
    }

    @Test("steps run in file order unless a need says otherwise")
    func order() throws {
        let source = """
            name: o
            steps:
              - {id: a, run: x, needs: c}
              - {id: b, run: x}
              - {id: c, run: x, needs: [d]}
              - {id: d, run: x}
              - {id: e, run: x}
            """
        let workflow = try WorkflowParser.parse(source, file: "o", knownAgents: [])
        #expect(workflow.executionOrder.map(\.id) == ["b", "d", "c", "a", "e"])
    }

    @Test("ids come from names, are numbered, and never collide")
    func ids() throws {
        let source = """
            name: ids
            steps:
              - {name: "Run: the Tests!", run: x}
              - {name: run the tests, run: x}
              - {id: run-the-tests-2, run: x}
              - {name: "…", run: x}
              - {run: x}
            """
        let workflow = try WorkflowParser.parse(source, file: "ids", knownAgents: [])
        #expect(
            workflow.steps.map(\.id)
                == ["run-the-tests", "run-the-tests-3", "run-the-tests-2", "step-4", "step-5"])
    }

    @Test("a byte order mark, CRLF line ends, anchors and a document start are accepted")
    func variants() throws {
        let source = "\u{FEFF}---\r\nname: w\r\nsteps:\r\n  - &one\r\n    id: a\r\n    run: |\r\n      x\r\n      y\r\n"
        let workflow = try WorkflowParser.parse(source, file: "w", knownAgents: [])
        #expect(workflow.steps[0].body == .script(ScriptBody(text: "x\ny\n")))
        let shared = "name: w\nsteps:\n  - run: a\n    env: &e {A: 1}\n  - run: b\n    env: *e\n"
        #expect(try WorkflowParser.parse(shared, file: "w", knownAgents: []).steps[1].env == ["A": "1"])
    }

    @Test("unquoted yes, no and on are texts, as in YAML 1.2")
    func texts() throws {
        let source = "name: on\nsteps:\n  - run: yes\n    env: {A: no, B: 1.10, C: 0x10, D: true}\n"
        let workflow = try WorkflowParser.parse(source, file: "w", knownAgents: [])
        #expect(workflow.name == "on")
        #expect(workflow.steps[0].env == ["A": "no", "B": "1.10", "C": "0x10", "D": "true"])
    }

    @Test(
        "time limits are durations with units, or minutes",
        arguments: [
            ("90s", 90.0), ("10m", 600), ("1h30m", 5_400), ("2d", 172_800), ("250ms", 0.25), ("5", 300), ("0.5", 30),
            ("\"2h\"", 7_200),
        ])
    func timeLimits(text: String, seconds: Double) throws {
        let source = "name: w\nsteps: [{run: x, timeout: \(text)}]"
        let workflow = try WorkflowParser.parse(source, file: "w", knownAgents: [])
        #expect(workflow.steps[0].timeout == .milliseconds(Int64(seconds * 1_000)))
    }

    @Test(
        "other texts are no time limits",
        arguments: [
            "~", "0", "0s", "-5", "m", "1m1h", "1m1m", "1e3", "1..5", "400d", "1h30", "ten", "1y", "∞", "１m", "true",
            "99999999999999999999999", "9999999999999999999", "0.000001",
        ])
    func wrongTimeLimits(text: String) {
        #expect(throws: WorkflowErrors.self) {
            try WorkflowParser.parse("name: w\nsteps: [{run: x, timeout: \(text)}]", file: "w", knownAgents: [])
        }
    }

    @Test("inputs are checked, converted to the kind of their default, and defaulted")
    func inputs() throws {
        let source = """
            name: i
            inputs:
              level: {default: 3}
              dry-run: {default: false}
              who: {required: true}
              note:
            steps: [{run: x}]
            """
        let workflow = try WorkflowParser.parse(source, file: "i", knownAgents: [])
        #expect(
            try workflow.resolvedInputs(["who": "me", "level": "4", "dry-run": "true"])
                == ["who": .string("me"), "level": .integer(4), "dry-run": .bool(true), "note": .string("")])
        #expect(throws: WorkflowInputError.missing(name: "who")) { try workflow.resolvedInputs([:]) }
        #expect(throws: WorkflowInputError.unknown(name: "leval", suggestion: "level")) {
            try workflow.resolvedInputs(["leval": "1", "who": "x"])
        }
        #expect(throws: WorkflowInputError.wrongKind(name: "dry-run", text: "yes", expected: "true or false")) {
            try workflow.resolvedInputs(["dry-run": "yes", "who": "x"])
        }
    }
}
