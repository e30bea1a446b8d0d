import Foundation
import RunnerCore
import Testing

@Suite("Whose turn it is among a step's agents")
struct AgentTurnTests {
    private typealias Candidate = AgentTurn.Candidate

    private static let ready = Candidate()
    private static let unavailable = Candidate(trouble: .unavailable, reason: "overloaded")
    private static let missing = Candidate(trouble: .missing, reason: "not there")

    private static func limited(_ seconds: Int) -> Candidate {
        Candidate(trouble: .limit, delay: .seconds(seconds), reason: "limit of \(seconds) s")
    }

    private static func entry(_ on: AgentTrouble...) -> AgentFallback { AgentFallback(agent: "x", on: on) }

    private static func parse(_ fallback: String) throws -> WorkflowDefinition {
        try WorkflowParser.parse(
            "name: w\nsteps:\n  - agent: claude\n    prompt: do it\n    fallback: \(fallback)\n", file: "w",
            knownAgents: ["claude", "codex", "vibe"])
    }

    @Test("the first that is able, in order, and whose rule names what is wrong")
    func order() {
        let any = AgentFallback(agent: "x")
        #expect(AgentTurn.next([Self.ready], []) == .use(0, reason: nil))
        #expect(AgentTurn.next([Self.ready, Self.ready], [any]) == .use(0, reason: nil))
        #expect(AgentTurn.next([Self.limited(9), Self.ready], [any]) == .use(1, reason: "limit of 9 s"))
        #expect(
            AgentTurn.next([Self.missing, Self.limited(9), Self.ready], [any, any]) == .use(2, reason: "not there"))
        // The second is passed over, and what keeps it from working is no reason for the third.
        let chain = [Self.entry(.unavailable), Self.entry(.limit, .missing)]
        #expect(AgentTurn.next([Self.limited(9), Self.ready, Self.ready], chain) == .use(2, reason: "limit of 9 s"))
        #expect(AgentTurn.next([Self.unavailable, Self.missing, Self.ready], chain) == .use(2, reason: "overloaded"))
        #expect(AgentTurn.next([Self.unavailable, Self.ready], [Self.entry(.limit)]) == nil)
    }

    @Test("where all wait, the limit that is over first counts, of those that may work")
    func waits() {
        let any = AgentFallback(agent: "x")
        #expect(AgentTurn.next([Self.limited(9)], []) == .wait(.seconds(9), reason: "limit of 9 s"))
        #expect(
            AgentTurn.next([Self.limited(9), Self.limited(4), Self.limited(7)], [any, any])
                == .wait(.seconds(4), reason: "limit of 4 s"))
        #expect(
            AgentTurn.next([Self.limited(9), Self.limited(4)], [Self.entry(.missing)])
                == .wait(.seconds(9), reason: "limit of 9 s"))
        #expect(AgentTurn.next([Self.missing, Self.unavailable], [any]) == nil)
    }

    @Test("an agent, a model or both are read from one word")
    func words() {
        #expect(AgentFallback("codex") == AgentFallback(agent: "codex"))
        #expect(AgentFallback("claude=a/b=c") == AgentFallback(agent: "claude", model: "a/b=c"))
        #expect(AgentFallback("=haiku") == AgentFallback(agent: nil, model: "haiku"))
        for text in ["", "=", "codex="] { #expect(AgentFallback(text) == nil) }
    }

    @Test("whoever takes over has its own settings; another model of the same agent keeps the step's")
    func settings() {
        let body = AgentBody(
            agent: "claude", prompt: "p", with: ["max-turns": .integer(3), "model": .string("big")],
            fallback: [
                AgentFallback(agent: nil, model: "small"),
                AgentFallback(agent: "claude", with: ["max-turns": .integer(1)]),
                AgentFallback(agent: "codex", with: ["sandbox": .string("x")]),
            ])
        #expect(body.choice(0) == body)
        #expect(body.choice(1).with == ["max-turns": .integer(3), "model": .string("small")])
        #expect(body.choice(2).with == ["max-turns": .integer(1), "model": .string("big")])
        #expect(body.choice(3).agent == "codex" && body.choice(3).with == ["sandbox": .string("x")])
        #expect(body.choice(4) == body)
    }

    @Test("a workflow says it as a name, a map or a list, and reads back the same")
    func file() throws {
        let workflow = try Self.parse("[codex, { model: small, on: limit }, { agent: vibe, with: { a: 1 } }]")
        guard case .agent(let body) = workflow.steps[0].body else {
            Issue.record("no agent step")
            return
        }
        #expect(
            body.fallback == [
                AgentFallback(agent: "codex"), AgentFallback(agent: nil, model: "small", on: [.limit]),
                AgentFallback(agent: "vibe", with: ["a": .integer(1)]),
            ])
        let again = try JSONDecoder().decode(WorkflowDefinition.self, from: JSONEncoder().encode(workflow))
        #expect(again == workflow)
    }

    @Test(
        "mistakes are told where they are",
        arguments: [
            ("codx", "did you mean \"codex\""), ("default", "unknown agent"), ("{ on: limit }", "needs an \"agent\""),
            ("{ agent: codex, on: [limit, lunch] }", "unknown trouble \"lunch\""),
            ("{ agent: codex, on: [] }", "never"),
            ("{ agent: codex, when: limit }", "unknown key \"when\""),
            ("[codex, codex, codex, codex, codex, codex, codex, codex, codex]", "at most 8"),
        ])
    func mistakes(text: String, message: String) throws {
        let error = try #require(throws: WorkflowErrors.self) { try Self.parse(text) }
        #expect("\(error)".contains(message), "\(error)")
    }

    @Test("a script has nobody to take over")
    func script() throws {
        let error = try #require(throws: WorkflowErrors.self) {
            try WorkflowParser.parse(
                "name: w\nsteps:\n  - run: ls\n    fallback: codex\n", file: "w", knownAgents: ["codex"])
        }
        #expect("\(error)".contains("\"fallback\" cannot be used here"), "\(error)")
    }

    @Test("what another agent takes over uses up no try, in memory and by the rows")
    func tries() throws {
        let workflow = AdvanceTests.workflow([try AdvanceTests.script("a", maxAttempts: 1)])
        var state = RunState(workflow: workflow)
        _ = state.advance(after: nil, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate)
        var result = StepResult(stepKey: "a", status: .failed, failureClass: .transient, error: "overloaded")
        result.passesOn = true
        let second = state.advance(after: result, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate)
        #expect(second.next == .start(stepKey: "a", attempt: 2))
        #expect(state.step("a")?.uncounted == 1)
        let step = StepRecord(runID: RunID(), position: 0, key: "a", kind: "agent", status: .running)
        func attempt(_ number: Int, _ index: Int, _ status: AttemptStatus) -> AttemptRecord {
            AttemptRecord(
                stepID: step.id, number: number, status: status,
                input: .object(["fallback": index == 0 ? .null : .integer(index)]),
                failureClass: status == .failed ? .transient : nil)
        }
        let told = RunState(
            workflow: workflow, steps: [step], attempts: [attempt(1, 0, .failed), attempt(2, 1, .running)])
        #expect(told.step("a")?.uncounted == 1)
        // Back to the first: a round is over, and it counts.
        let round = RunState(
            workflow: workflow, steps: [step],
            attempts: [attempt(1, 0, .failed), attempt(2, 1, .failed), attempt(3, 0, .running)])
        #expect(round.step("a")?.uncounted == 1)
        result.passesOn = false
        let end = state.advance(after: result, at: AdvanceTests.now, evaluate: AdvanceTests.evaluate)
        #expect(end.next == .finish(.failed, error: "step \"a\" failed: overloaded"))
    }
}
