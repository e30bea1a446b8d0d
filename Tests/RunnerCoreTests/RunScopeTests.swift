import Foundation
import RunnerCore
import Testing

@Suite("What a step of a run sees")
struct RunScopeTests {
    private static let base = TemplateContext(
        taskNumber: 1, taskTitle: "t", taskPrompt: "p", repositoryName: "r", repositoryURL: "u", baseBranch: "main",
        baseCommit: "c", runNumber: 1)

    private static func parse(_ source: String) throws -> WorkflowDefinition {
        try WorkflowParser.parse(source, file: "w.yaml", knownAgents: [])
    }

    /// Runs the workflow to its end as a worker does; each step that began, with its item behind it.
    private func walk(
        _ workflow: WorkflowDefinition, failing: Set<String> = [], outputs: (String) -> [String: String] = { _ in [:] }
    ) throws -> [String] {
        var state = RunState(workflow: workflow)
        var facts: [String: StepFacts] = [:]
        var begun: [String] = []
        var result: StepResult?
        for _ in 0..<100 {
            let known = facts
            func scope(_ status: StatusValues) -> RunScope {
                RunScope(state: status.run, facts: known, base: Self.base)
            }
            let decision = state.advance(
                after: result, at: AdvanceTests.now, count: { try scope($1).items(of: $0).count },
                evaluate: { step, status in
                    guard let condition = step.condition else { return true }
                    return try scope(status).place(of: step.id).context.evaluate(condition, status: status)
                })
            guard case .start(let key, _) = decision.next else { return begun }
            let item = try RunScope(state: state, facts: facts, base: Self.base).place(of: key).context.turn.item
            begun.append(key + (item.map { " \($0.plainText)" } ?? ""))
            let isFailed = failing.contains(key)
            result = StepResult(stepKey: key, status: isFailed ? .failed : .succeeded)
            facts[key] = StepFacts(status: isFailed ? .failed : .succeeded, outputs: outputs(key))
        }
        Issue.record("the run has no end: \(begun)")
        return begun
    }

    @Test("a condition in a called workflow sees that one's steps, also where the caller has one of the same id")
    func conditions() throws {
        func begun(_ condition: String) throws -> [String] {
            let inner = try Self.parse(
                """
                name: inner
                steps:
                  - { id: build, run: x, if: "\(condition)" }
                  - { id: deploy, run: x, if: "steps.build.status == 'succeeded'" }
                """)
            let outer = try Self.parse("name: outer\nsteps: [{ id: build, run: x }, { id: sub, workflow: inner }]")
            return try walk(outer.linked(["inner": inner]))
        }
        #expect(try begun("false") == ["build"])
        #expect(try begun("true") == ["build", "sub/build", "sub/deploy"])
    }

    @Test("so does the check of a loop")
    func loops() throws {
        let inner = try Self.parse(
            """
            name: inner
            steps:
              - id: l
                loop: { max: 3, until: "steps.test.outcome == 'succeeded'", steps: [{ id: test, run: x }] }
            """)
        let outer = try Self.parse("name: outer\nsteps: [{ id: test, run: x }, { id: sub, workflow: inner }]")
        let linked = try outer.linked(["inner": inner])
        let rounds = ["test", "sub/l#1/test", "sub/l#2/test"]
        #expect(try walk(linked, failing: ["sub/l#1/test"]) == rounds)
        #expect(try walk(linked) == Array(rounds.dropLast()))
    }

    @Test("the list of a foreach stays as it was when its first item began, whatever its own steps leave behind")
    func items() throws {
        let workflow = try Self.parse(
            """
            name: w
            steps:
              - id: l
                loop:
                  max: 3
                  until: "steps.check.outputs.more == 'no'"
                  steps:
                    - id: each
                      foreach:
                        items: |
                          {{ steps.work.outputs.todo|default:'["x","y"]' }}
                        steps: [{ id: work, run: x }]
                    - { id: check, run: x }
            """)
        let begun = try walk(workflow) { key in
            switch key {
            case "l#1/each#1/work": ["todo": #"["wrong","x2","x3"]"#]
            case "l#1/each#2/work": ["todo": #"["x1","x2"]"#]
            case "l#2/check": ["more": "no"]
            default: ["todo": "[]"]
            }
        }
        // What the round before left is seen in the next.
        #expect(
            begun == [
                "l#1/each#1/work x", "l#1/each#2/work y", "l#1/check", "l#2/each#1/work x1", "l#2/each#2/work x2",
                "l#2/check",
            ])
    }
}
