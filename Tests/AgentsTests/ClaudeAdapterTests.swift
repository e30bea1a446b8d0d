import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Launching Claude Code")
struct ClaudeAdapterTests {
    private let adapter = ClaudeAdapter()
    private let base = ["claude", "-p", "--output-format", "stream-json", "--verbose"]

    private func launch(
        _ options: [String: JSONValue] = [:], change: (inout AgentRequest) -> Void = { _ in }
    ) throws -> AgentLaunch {
        var request = AgentRequest(prompt: "Say hello", worktree: "/w", options: options)
        change(&request)
        return try adapter.launch(request)
    }

    @Test("the prompt is on standard input and nowhere in the arguments")
    func defaults() throws {
        let launched = try launch()
        #expect(launched.argv == base + ["--allowedTools", "Bash", "--permission-mode", "acceptEdits"])
        #expect(launched.stdin == Data("Say hello".utf8))
        #expect(!launched.mergesStderr)
        #expect(
            launched.environment == ["DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"])
    }

    @Test("every option has its argument")
    func options() throws {
        let launched = try launch([
            "model": .string("opus"), "permission-mode": .string("plan"),
            "allowed-tools": .array([.string("Edit"), .string("Bash(git log:*)")]), "max-turns": .integer(3),
            "max-budget-usd": .number(0.00001), "args": .array([.string("--add-dir"), .string("/x")]),
        ]) { $0.model = "sonnet" }
        #expect(
            launched.argv == base + ["--allowedTools", "Edit", "Bash(git log:*)", "--permission-mode", "plan"]
                + ["--model", "opus", "--max-turns", "3", "--max-budget-usd", "0.00001", "--add-dir", "/x"])
    }

    @Test("no tools, a default model, a whole budget")
    func otherOptions() throws {
        let launched = try launch(["allowed-tools": .array([]), "max-budget-usd": .integer(2000)]) { $0.model = "m" }
        #expect(
            launched.argv == base + ["--permission-mode", "acceptEdits", "--model", "m", "--max-budget-usd", "2000"])
    }

    @Test("a session is resumed, or begun under a given id, never both")
    func sessions() throws {
        let id = "11111111-2222-4333-8444-555555555555"
        #expect(try launch { $0.sessionID = id }.argv.suffix(2) == ["--session-id", id])
        let resumed = try launch {
            $0.sessionID = id
            $0.resumeSessionID = "s"
        }
        #expect(resumed.argv.suffix(2) == ["--resume", "s"])
        #expect(!resumed.argv.contains("--session-id"))
    }

    @Test("a prompt of any size is taken")
    func largePrompt() throws {
        let launched = try launch { $0.prompt = String(repeating: "x", count: 1 << 20) }
        #expect(launched.stdin?.count == 1 << 20)
        #expect(launched.argv.allSatisfy { $0.utf8.count < 100 })
    }

    @Test("the agent's own variables may be inherited, others not")
    func environment() throws {
        let launched = try launch()
        for name in ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CONFIG_DIR"] {
            #expect(launched.inherits(name))
        }
        for name in ["AWS_SECRET_ACCESS_KEY", "GIT_DIR", "LD_PRELOAD", "CLAUDECODE", "MY_ANTHROPIC_API_KEY", ""] {
            #expect(!launched.inherits(name))
        }
    }

    struct Mistake: Sendable {
        let key: String
        let value: JSONValue
        let code: AgentsError.Code
    }

    @Test(
        "a mistake in the options names its key",
        arguments: [
            Mistake(key: "modle", value: .string("x"), code: .unknownOption),
            Mistake(key: "model", value: .integer(3), code: .wrongType),
            Mistake(key: "model", value: .string("--dangerously-skip-permissions"), code: .invalidValue),
            Mistake(key: "permission-mode", value: .string(""), code: .invalidValue),
            Mistake(key: "allowed-tools", value: .string("Bash"), code: .wrongType),
            Mistake(key: "allowed-tools", value: .array([.string("-x")]), code: .invalidValue),
            Mistake(key: "allowed-tools", value: .array([.integer(1)]), code: .wrongType),
            Mistake(key: "max-turns", value: .integer(0), code: .invalidValue),
            Mistake(key: "max-turns", value: .number(1.5), code: .wrongType),
            Mistake(key: "max-turns", value: .string("3"), code: .wrongType),
            Mistake(key: "max-budget-usd", value: .integer(-1), code: .invalidValue),
            Mistake(key: "max-budget-usd", value: .bool(true), code: .wrongType),
            Mistake(key: "args", value: .object([:]), code: .wrongType),
            Mistake(key: "args", value: .array([.string("--output-format=text")]), code: .invalidValue),
            Mistake(key: "args", value: .array([.string("a\0b")]), code: .invalidValue),
        ])
    func mistakes(_ mistake: Mistake) {
        let options = [mistake.key: mistake.value]
        let error = #expect(throws: AgentsError.self) { try adapter.validate(options) }
        #expect(error?.code == mistake.code)
        #expect(error?.key == mistake.key)
        #expect(error?.description.contains("with.\(mistake.key)") == true)
        #expect(throws: AgentsError.self) { try launch(options) }
    }

    @Test("null is as good as absent")
    func nullOption() throws {
        #expect(try launch(["model": .null]).argv == launch().argv)
    }

    @Test("an empty prompt is refused")
    func emptyPrompt() {
        let error = #expect(throws: AgentsError.self) { try launch { $0.prompt = " \n" } }
        #expect(error?.code == .emptyPrompt)
    }

    @Test("an id from elsewhere cannot become an option")
    func hostileIDs() {
        #expect(throws: AgentsError.self) { try launch { $0.resumeSessionID = "--help" } }
        #expect(throws: AgentsError.self) { try launch { $0.sessionID = "" } }
        #expect(throws: AgentsError.self) { try launch { $0.model = "-x" } }
    }

    @Test("permissions are skipped as root only inside a sandbox")
    func root() throws {
        for options: [String: JSONValue] in [
            ["permission-mode": .string("bypassPermissions")],
            ["args": .array([.string("--dangerously-skip-permissions")])],
        ] {
            let error = #expect(throws: AgentsError.self) { try launch(options) { $0.isRoot = true } }
            #expect(error?.code == .refusedAsRoot)
            let sandboxed = try launch(options) {
                $0.isRoot = true
                $0.isSandboxed = true
            }
            #expect(sandboxed.environment["IS_SANDBOX"] == "1")
            #expect(try launch(options).environment["IS_SANDBOX"] == nil)
        }
        #expect(try launch { $0.isRoot = true }.environment["IS_SANDBOX"] == nil)
    }
}
