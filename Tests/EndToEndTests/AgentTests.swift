import Foundation
import Testing

@Suite("agents")
struct AgentTests {
    /// What Claude Code prints for one answer: a session, words, a tool call, a result with its cost.
    private static let stream = """
        {"type":"system","subtype":"init","session_id":"5e551011-0000-4000-8000-000000000001","model":"m-1","cwd":"/x","tools":[]}
        {"type":"assistant","message":{"id":"a1","role":"assistant","model":"m-1","content":[{"type":"tool_use","id":"t1","name":"Write","input":{"file_path":"hello.txt"}}]},"session_id":"5e551011-0000-4000-8000-000000000001"}
        {"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]},"session_id":"5e551011-0000-4000-8000-000000000001"}
        {"type":"result","subtype":"success","is_error":false,"result":"All done.","num_turns":1,"total_cost_usd":0.25,"usage":{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":3,"cache_creation_input_tokens":2},"modelUsage":{"m-1":{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":3,"cacheCreationInputTokens":2,"costUSD":0.25}},"session_id":"5e551011-0000-4000-8000-000000000001"}

        """

    @Test("claude's stream becomes session, tokens, cost and a readable log")
    func claude() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(AgentTests.stream, to: fixture.root + "/stream")
            try fixture.write(
                "#!/bin/sh\n[ \"$1\" = --version ] && { echo 1.0; exit; }\ncat > prompt.txt\ncat '\(fixture.root)/stream'\n",
                to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(
                "name: one\nsteps:\n  - id: work\n    agent: claude\n    prompt: '{{ task.prompt }}'\n",
                to: fixture.root + "/one.yaml")
            let path = fixture.root + "/bin:" + (fixture.variables["PATH"] ?? "")
            let started = try await fixture.runner(
                "start", repository, "greet", "--workflow", fixture.root + "/one.yaml", extra: ["PATH": path])
            #expect(started.status == 0, "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            let attempt = try #require(steps.first?.attempts.first)
            #expect(attempt.agent == "claude")
            #expect(attempt.agentSessionId == "5e551011-0000-4000-8000-000000000001")
            #expect(attempt.costUsd == 0.25)
            #expect(attempt.usage?.input == 10 && attempt.usage?.output == 5)
            let log = try await fixture.runner("log", "1").out
            #expect(log.contains("> Write hello.txt"), "\(log)")
            let raw = try await fixture.runner("log", "1", "--raw").out
            #expect(raw == AgentTests.stream)
        }
    }

    @Test("an agent that exits 0 without a result has failed")
    func falseSuccess() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(
                "#!/bin/sh\nhead -n 1 '\(fixture.root)/stream'\n", to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(AgentTests.stream, to: fixture.root + "/stream")
            let path = fixture.root + "/bin:" + (fixture.variables["PATH"] ?? "")
            let started = try await fixture.runner("start", repository, "greet", extra: ["PATH": path])
            #expect(started.status == 1, "\(started.err)")
        }
    }

    @Test("an agent is added by the documentation's one file, without compiling")
    func described() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
                path: "../../docs/agents.md")
            let text = try String(contentsOf: page, encoding: .utf8)
            let example = try #require(
                text.components(separatedBy: "This is `tiny.yaml`:\n\n```yaml\n").dropFirst().first?.components(
                    separatedBy: "```"
                ).first)
            try fixture.write(example, to: fixture.root + "/config/runner/agents/tiny.yaml")
            try fixture.write(
                """
                #!/bin/sh
                [ "$1" = --version ] && { echo tiny 0.1; exit; }
                prompt=$(cat)
                echo "session 7f3a"
                echo "arguments $*"
                case $prompt in *break*) echo 'error: invalid api key'; exit 0 ;; esac
                echo 'tokens: 120 in, 30 out'
                echo 'All done.'

                """, to: fixture.root + "/bin/tiny-agent", mode: 0o755)
            let extra = [
                "PATH": fixture.root + "/bin:" + (fixture.variables["PATH"] ?? ""),
                "XDG_CONFIG_HOME": fixture.root + "/config",
            ]
            let started = try await fixture.runner(
                "start", repository, "greet", "--agent", "tiny", "--model", "m-1", extra: extra)
            #expect(started.status == 0, "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json", extra: extra).json([StepJSON].self)
            let attempt = try #require(steps.first?.attempts.first)
            #expect(attempt.agent == "tiny")
            #expect(attempt.agentSessionId == "7f3a")
            #expect(attempt.usage?.input == 120 && attempt.usage?.output == 30)
            #expect(attempt.costUsd == nil)
            let log = try await fixture.runner("log", "1", extra: extra).out
            #expect(log.contains("arguments --batch --model m-1"), "\(log)")
            // It exits 0 all the same: the pattern for errors decides.
            let failed = try await fixture.runner("start", repository, "break", "--agent", "tiny", extra: extra)
            #expect(failed.status == 1, "\(failed.err)")
            let list = try await fixture.runner("agent", "list", extra: extra).out
            #expect(list.contains("tiny  tiny 0.1"), "\(list)")
            let shown = try await fixture.runner("agent", "show", "tiny", extra: extra)
            #expect(shown.out.contains("tiny-agent --batch"), "\(shown.out)\(shown.err)")
            try fixture.write("command: tiny-agent\ncolour: red\n", to: fixture.root + "/config/runner/agents/odd.yaml")
            let odd = try await fixture.runner("start", repository, "greet", "--agent", "odd", extra: extra)
            #expect(odd.status != 0)
            #expect(odd.err.contains("odd.yaml") && odd.err.contains("colour"), "\(odd.err)")
        }
    }

    @Test("agent decode prints one JSON object a line")
    func decode() async throws {
        try await RunnerFixture.with { fixture in
            let output = try await fixture.runner("agent", "decode", "claude", input: AgentTests.stream)
            #expect(output.status == 0, "\(output.err)")
            let types = try output.out.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["type"]
                    as? String
            }
            #expect(types.contains("session"))
            #expect(types.contains("result"))
            #expect(types.last == "outcome")
        }
    }
}
