import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Command lines of the recorded agents")
struct OtherAdapterTests {
    private func launch(_ agent: String, _ request: AgentRequest) throws -> AgentLaunch {
        try #require(AdapterRegistry.adapter(named: agent)).launch(request)
    }

    private let request = AgentRequest(
        prompt: "Do it", promptFile: "/a/prompt", outputFolder: "/a/out", model: "m-1", worktree: "/w",
        sessionID: "11111111-2222-4333-8444-555555555555")

    @Test("codex: prompt on standard input, a sandbox of its own, resume with the id before the prompt")
    func codex() throws {
        let first = try launch("codex", request)
        #expect(
            first.argv == [
                "codex", "exec", "--json", "--skip-git-repo-check", "--disable", "plugins", "-m", "m-1", "-c",
                "sandbox_mode=\"workspace-write\"", "-",
            ])
        #expect(first.stdin == Data("Do it".utf8))
        var again = request
        again.resumeSessionID = "t-1"
        again.isSandboxed = true
        again.options = ["model": .string("m-2"), "config": .array([.string("a=1")])]
        #expect(
            try launch("codex", again).argv == [
                "codex", "exec", "resume", "--json", "--skip-git-repo-check", "--disable", "plugins", "-m", "m-2", "-c",
                "a=1",
                "--dangerously-bypass-approvals-and-sandbox", "t-1", "-",
            ])
        #expect(first.inherits("OPENAI_API_KEY") && first.inherits("HTTPS_PROXY") && !first.inherits("AWS_SECRET"))
    }

    @Test("vibe: prompt on standard input, and an export in the attempt's folder")
    func vibe() throws {
        var request = request
        request.options = ["max-turns": .integer(3), "max-budget-usd": .number(0.00001)]
        let launch = try launch("vibe", request)
        #expect(
            launch.argv == [
                "vibe", "-p", "--output", "streaming", "--output-dir", "/a/out", "--auto-approve", "--trust",
                "--max-turns",
                "3", "--max-price", "0.00001",
            ])
        #expect(launch.reports.map { $0.path(home: nil, session: nil) } == ["/a/out/export.json"])
        request.options = ["auto-approve": .bool(false)]
        request.resumeSessionID = "s-1"
        let careful = try self.launch("vibe", request).argv
        #expect(!careful.contains("--auto-approve") && careful.suffix(2) == ["--resume", "s-1"])
    }

    @Test("openhands: prompt in a file, model in the environment, a conversation under our id, state below the home")
    func openhands() throws {
        let launch = try launch("openhands", request)
        let id = try #require(request.sessionID)
        #expect(
            launch.argv == [
                "openhands", "--headless", "--json", "--override-with-envs", "-f", "/a/prompt", "--resume", id,
            ])
        var again = request
        again.resumeSessionID = "s-1"
        #expect(try self.launch("openhands", again).argv.suffix(2) == ["--resume", "s-1"])
        #expect(launch.environment["LLM_MODEL"] == "m-1")
        #expect(launch.environment["PYTHONUNBUFFERED"] == "1")
        #expect(launch.interrupt == .terminate)
        let report = try #require(launch.reports.first)
        #expect(report.path(home: "/h", session: "abc1") == "/h/.openhands/conversations/abc1/base_state.json")
        #expect(report.path(home: "/h", session: "../../etc") == nil)
        #expect(report.path(home: nil, session: "abc1") == nil)
        #expect(report.path(home: "/h", session: nil) == nil)
    }

    @Test("gptme: a conversation under our id, and long prompts on standard input")
    func gptme() throws {
        let first = try launch("gptme", request)
        #expect(
            first.argv == [
                "gptme", "-n", "--output-format", "json", "--tool-format", "tool", "-m", "m-1", "-t",
                "shell,save,patch,complete", "--name", "11111111-2222-4333-8444-555555555555", "Do it",
            ])
        #expect(first.interrupt == .terminate)
        var long = request
        long.prompt = String(repeating: "x", count: 200_000)
        #expect(try launch("gptme", long).stdin?.count == 200_000)
    }

    @Test("mini: a trajectory in the attempt's folder without its configuration, limits as settings")
    func mini() throws {
        var request = request
        request.options = ["max-turns": .integer(4)]
        let launch = try launch("mini", request)
        #expect(
            launch.argv == [
                "mini", "-y", "--exit-immediately", "-m", "m-1", "-o", "/a/out/mini.traj.json", "-c", "mini.yaml", "-c",
                "agent.step_limit=4", "-t", "Do it",
            ])
        let report = try #require(launch.reports.first)
        let file = #"{"info":{"exit_status":"Submitted","config":{"model":{"api_key":"secret"}}},"messages":[]}"#
        let line = String(decoding: try #require(report.line(from: Array(file.utf8))), as: UTF8.self)
        #expect(line.contains("Submitted") && !line.contains("secret") && line.hasSuffix("}\n"))
        #expect(line.split(separator: "\n").count == 1)
        #expect(report.line(from: Array("no json".utf8)) == nil)
        request.prompt = String(repeating: "x", count: 200_000)
        #expect(throws: AgentsError.self) { try self.launch("mini", request) }
    }

    @Test("aider: commits nothing, and writes nothing into the worktree")
    func aider() throws {
        var request = request
        request.options = ["files": .array([.string("a.py")]), "edit-format": .string("diff")]
        let argv = try launch("aider", request).argv
        for option in ["--no-auto-commits", "--no-dirty-commits", "--no-gitignore", "--yes-always"] {
            #expect(argv.contains(option))
        }
        #expect(argv.contains("/a/out/aider.chat.md") && argv.contains("/a/out/aider.input"))
        #expect(argv.suffix(3) == ["--message-file", "/a/prompt", "a.py"])
    }

    @Test("what would break the reading of the output, or become an option, is refused", arguments: Recording.agents)
    func refused(_ agent: String) throws {
        let adapter = try #require(AdapterRegistry.adapter(named: agent))
        #expect(adapter.evidence == .recorded)
        #expect(adapter.installation?.isEmpty == false)
        #expect(throws: AgentsError.self) { try adapter.launch(AgentRequest(prompt: "\n")) }
        #expect(throws: AgentsError.self) { try adapter.validate(["nonsense": .bool(true)]) }
        let own = [
            "codex": "--json", "vibe": "--output=text", "openhands": "--json", "gptme": "--name", "mini": "-o",
            "aider": "--pretty",
        ]
        #expect(throws: AgentsError.self) {
            try adapter.validate(["args": .array([.string(try #require(own[agent]))])])
        }
        if agent != "vibe" {
            #expect(throws: AgentsError.self) {
                try adapter.launch(AgentRequest(prompt: "x", options: ["model": .string("--evil")]))
            }
        }
        if !["mini", "aider"].contains(agent) {
            #expect(throws: AgentsError.self) { try adapter.launch(AgentRequest(prompt: "x", resumeSessionID: "-x")) }
        }
    }
}
