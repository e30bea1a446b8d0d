import Agents
import Foundation
import Glibc
import RunnerCore
import Testing

@Suite("Launching any command")
struct CommandAdapterTests {
    private let adapter = CommandAdapter()

    private func launch(_ options: [String: JSONValue], prompt: String = "Do it") throws -> AgentLaunch {
        try adapter.launch(
            AgentRequest(prompt: prompt, promptFile: "/p/prompt.md", model: "m", worktree: "/w", options: options))
    }

    @Test("a text is run by the shell, a list as it is; the prompt is on standard input and in the environment")
    func forms() throws {
        let shell = try launch(["command": .string("cat > x; false")])
        #expect(shell.argv == ["/bin/sh", "-c", "cat > x; false", "sh"])
        #expect(shell.stdin == Data("Do it".utf8))
        #expect(
            shell.environment == [
                "RUNNER_PROMPT": "Do it", "RUNNER_PROMPT_FILE": "/p/prompt.md", "RUNNER_MODEL": "m",
            ])
        #expect(shell.passThroughEnvironment.isEmpty)
        let list = try launch(["command": .array([.string("aider"), .string("--yes")])])
        #expect(list.argv == ["aider", "--yes"])
    }

    @Test("the prompt goes where the step wants it")
    func promptPassing() throws {
        let list = JSONValue.array([.string("a"), .string("-m")])
        #expect(try launch(["command": list, "prompt": .string("argument")]).argv == ["a", "-m", "Do it"])
        #expect(try launch(["command": list, "prompt": .string("argument")]).stdin == nil)
        let shell = try launch(["command": .string("a \"$1\""), "prompt": .string("argument")])
        #expect(shell.argv == ["/bin/sh", "-c", "a \"$1\"", "sh", "Do it"])
        for passing in ["file", "none"] {
            let launched = try launch(["command": list, "prompt": .string(passing)])
            #expect(launched.stdin == nil)
            #expect(launched.argv == ["a", "-m"])
        }
    }

    @Test("a prompt too long for the system is refused as an argument, and left out of the environment")
    func longPrompt() throws {
        let prompt = String(repeating: "x", count: 131_072)
        let error = #expect(throws: AgentsError.self) {
            try launch(["command": .string("a"), "prompt": .string("argument")], prompt: prompt)
        }
        #expect(error?.code == .promptTooLong)
        let launched = try launch(["command": .string("a")], prompt: prompt)
        #expect(launched.environment["RUNNER_PROMPT"] == nil)
        #expect(launched.environment["RUNNER_PROMPT_FILE"] == "/p/prompt.md")
        #expect(launched.stdin?.count == 131_072)
    }

    @Test("the longest prompt that is passed is the longest that the system takes")
    func longestPrompt() throws {
        let longest = String(repeating: "x", count: 131_072 - "RUNNER_PROMPT=".utf8.count - 1)
        let passed = try launch(["command": .string("true")], prompt: longest).environment["RUNNER_PROMPT"]
        #expect(passed == longest)
        #expect(try launch(["command": .string("true")], prompt: longest + "x").environment["RUNNER_PROMPT"] == nil)
        #expect(Self.startsWithVariable("RUNNER_PROMPT=\(longest)"))
        #expect(!Self.startsWithVariable("RUNNER_PROMPT=\(longest)x"))
    }

    /// Whether the system starts a process whose environment is this one variable.
    private static func startsWithVariable(_ variable: String) -> Bool {
        var child: pid_t = 0
        let error = "/bin/true".withCString { path in
            variable.withCString { text in
                var arguments = [UnsafeMutablePointer(mutating: path), nil]
                var environment = [UnsafeMutablePointer(mutating: text), nil]
                return posix_spawn(&child, path, nil, nil, &arguments, &environment)
            }
        }
        guard error == 0 else { return false }
        var status: Int32 = 0
        return waitpid(child, &status, 0) == child && status == 0
    }

    @Test("mistakes name their key")
    func mistakes() {
        let rows: [(key: String, options: [String: JSONValue], code: AgentsError.Code)] = [
            ("command", [:], .missingOption),
            ("command", ["command": .string("  ")], .invalidValue),
            ("command", ["command": .array([])], .invalidValue),
            ("command", ["command": .array([.string("")])], .invalidValue),
            ("command", ["command": .array([.integer(1)])], .wrongType),
            ("command", ["command": .object([:])], .wrongType),
            ("command", ["command": .string("a\0b")], .invalidValue),
            ("prompt", ["command": .string("a"), "prompt": .string("pipe")], .invalidValue),
            ("prompt", ["command": .string("a"), "prompt": .bool(true)], .wrongType),
            ("model", ["command": .string("a"), "model": .string("m")], .unknownOption),
        ]
        for row in rows {
            let error = #expect(throws: AgentsError.self) { try adapter.validate(row.options) }
            #expect(error?.key == row.key)
            #expect(error?.code == row.code)
        }
    }

    @Test("a prompt file is needed where the prompt goes by file")
    func missingFile() {
        let options: [String: JSONValue] = ["command": .string("a"), "prompt": .string("file")]
        #expect(throws: AgentsError.self) { try adapter.launch(AgentRequest(prompt: "x", options: options)) }
    }

    @Test("the registry knows every agent and no other")
    func registry() {
        #expect(
            AdapterRegistry.names == [
                "acp", "aider", "amp", "claude", "codex", "command", "copilot", "cursor", "gemini", "goose", "gptme",
                "mini", "opencode", "openhands", "vibe",
            ])
        #expect(AdapterRegistry.names.allSatisfy { AdapterRegistry.adapter(named: $0)?.name == $0 })
        #expect(AdapterRegistry.adapter(named: "Claude") == nil)
    }
}
