import RunnerCore
import Testing

@testable import Engine

@Suite struct AgentChoiceTests {
    private static func definition(agent: String = "default", with: [String: JSONValue] = [:]) -> WorkflowDefinition {
        WorkflowDefinition(
            name: "w",
            steps: [
                WorkflowStep(id: "prepare", body: .script(ScriptBody(text: "true"))),
                WorkflowStep(id: "work", body: .agent(AgentBody(agent: agent, prompt: "do it", with: with))),
            ])
    }

    private static func code(_ body: () throws -> Void) -> EngineError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? EngineError)?.code
        }
    }

    @Test("`default` means the agent chosen for the run, and a step's own agent wins")
    func names() throws {
        let choice = AgentChoice(defaultAgent: "command", command: "cat")
        #expect(try choice.name(for: AgentBody(agent: "default", prompt: "")) == "command")
        #expect(try choice.name(for: AgentBody(agent: "claude", prompt: "")) == "claude")
        #expect(Self.code { _ = try AgentChoice().name(for: AgentBody(agent: "default", prompt: "")) } == .agentMissing)
    }

    @Test("the run's command line is only for the agent `command`, and only where the step has none")
    func options() throws {
        let choice = AgentChoice(defaultAgent: "command", command: "cat")
        let other = AgentChoice(defaultAgent: "claude", command: "cat")
        let own = AgentBody(agent: "command", prompt: "", with: ["command": .string("own")])
        #expect(try choice.chosen(own).options == ["command": .string("own")])
        let none = AgentBody(agent: "default", prompt: "", with: ["x": .integer(1)])
        #expect(try choice.chosen(none).options == ["x": .integer(1), "command": .string("cat")])
        #expect(try other.chosen(none).options == ["x": .integer(1)])
    }

    @Test("a workflow of scripts needs no agent")
    func scripts() throws {
        let script = WorkflowDefinition(
            name: "w", steps: [WorkflowStep(id: "a", body: .script(ScriptBody(text: "true")))])
        try AgentChoice().check(script, path: "/nonexistent")
    }

    @Test("an agent that is unknown, not chosen, not installed or without a command line is found before the start")
    func refusals() async throws {
        try await ScratchFolder.with { folder in
            let choice = AgentChoice(defaultAgent: "claude")
            #expect(Self.code { try AgentChoice().check(Self.definition(), path: nil) } == .agentMissing)
            #expect(Self.code { try choice.check(Self.definition(), path: folder.path) } == .agentMissing)
            #expect(Self.code { try choice.check(Self.definition(agent: "nobody"), path: nil) } == .unknownAgent)
            #expect(
                Self.code { try AgentChoice(defaultAgent: "command").check(Self.definition(), path: nil) }
                    == .agentMissing)
            try AgentChoice(defaultAgent: "command", command: "cat").check(Self.definition(), path: folder.path)
            try folder.write("claude", "#!/bin/sh\n", mode: 0o644)
            #expect(Self.code { try choice.check(Self.definition(), path: folder.path) } == .agentMissing)
            try folder.write("claude", "#!/bin/sh\n", mode: 0o755)
            try choice.check(Self.definition(), path: folder.path)
        }
    }

    @Test("settings that the agent refuses are found before the start")
    func settings() {
        let choice = AgentChoice(defaultAgent: "command", command: "cat")
        #expect(throws: (any Error).self) {
            try choice.check(Self.definition(with: ["nonsense": .bool(true)]), path: nil)
        }
        #expect(throws: (any Error).self) {
            try choice.check(Self.definition(with: ["command": .integer(1)]), path: nil)
        }
    }
}
