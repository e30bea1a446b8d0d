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
