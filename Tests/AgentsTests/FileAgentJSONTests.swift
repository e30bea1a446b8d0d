import Agents
import Foundation
import RunnerCore
import Testing

/// Programs whose output is JSON of a shape of their own.
@Suite("Agents described by a file: JSON")
struct FileAgentJSONTests {
    private func adapter(_ yaml: String) throws -> FileAgentAdapter {
        FileAgentAdapter(try FileAgent(yaml: Array(yaml.utf8), name: "tiny", file: "tiny.yaml"))
    }

    private func run(
        _ yaml: String, _ output: String, _ exit: AgentExit = .status(0), request: AgentRequest = AgentRequest()
    ) throws -> AgentOutcome {
        var decoder = try adapter(yaml).makeDecoder(for: request, timeZone: .gmt)
        _ = decoder.feed(Data(output.utf8), at: Fixture.time)
        return decoder.finish(exit, at: Fixture.time)
    }

    /// The lines that Kimi's command line prints with `--output-format stream-json`, with usage as others have it.
    private static let chat = #"""
        command: tiny
        json:
          message: ['content[].text if role=assistant', content if role=assistant]
          tool: tool_calls[].function.name
          tool-input: tool_calls[].function.arguments
          input-tokens: usage.prompt_tokens
          output-tokens: usage.completion_tokens
          cached-tokens: usage.prompt_tokens_details.cached_tokens
          cost: usage.cost
          limit: error.message if error.type=rate_limit
          error: error.message
          success: type if type=end and failed=false
        output: {session: 'kimi -r (\S+)'}
        input-includes-cached: true

        """#

    private static let said =
        #"{"role":"assistant","content":"I look.","tool_calls":[{"id":"1","function":{"name":"Shell","arguments":"{\"command\":\"ls\"}"}},{"id":"2","function":{"name":"Read","arguments":"{}"}}],"usage":{"prompt_tokens":100,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":60}}}"#
    private static let end = #"{"type":"end","failed":false,"usage":{"cost":0.5}}"#

    @Test("messages, tools, nested figures and a line of text are found where the file says")
    func lines() throws {
        let tool = #"{"role":"tool","content":[{"type":"text","text":"README.md"}]}"#
        let last =
            #"{"role":"assistant","content":[{"type":"text","text":"Done."}],"usage":{"prompt_tokens":50,"completion_tokens":3}}"#
        let output = [Self.said, tool, last, "To resume this session: kimi -r b4dd-1", Self.end].joined(separator: "\n")
        let outcome = try run(Self.chat, output)
        #expect(outcome.status == .succeeded, "\(outcome)")
        #expect(outcome.sessionID == "b4dd-1" && outcome.finalText == "Done.")
        #expect(
            outcome.tools.map(\.name) == ["Shell", "Read"]
                && outcome.tools.first?.arguments.text == #"{"command":"ls"}"#)
        #expect(outcome.usage == TokenUsage(input: 90, output: 10, cacheRead: 60) && outcome.costUSD == 0.5)
        // The controls: without the closing line, and with one that speaks of a failure.
        #expect(try run(Self.chat, Self.said).kind == .noResult)
        #expect(try run(Self.chat, Self.said + "\n" + Self.end.replacing("false", with: "true")).kind == .noResult)
    }

    @Test("the example in the documentation is a valid description")
    func documentation() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../docs/agents.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let rest = text.components(separatedBy: "This is `chat.yaml`:\n\n```yaml\n").dropFirst().first
        let example = try #require(rest?.components(separatedBy: "```").first)
        let outcome = try run(example, #"{"session_id":"s-1"}"# + "\n" + Self.said + "\n" + Self.end)
        #expect(outcome.status == .succeeded && outcome.sessionID == "s-1")
        #expect(outcome.usage == TokenUsage(input: 40, output: 7, cacheRead: 60))
    }

    @Test("errors and limits are told from each other by a condition")
    func failures() throws {
        let limit = #"{"error":{"type":"rate_limit","message":"try again in 2 hours"}}"#
        let limited = try run(Self.chat, limit, .status(1))
        #expect(limited.kind == .rateLimit && limited.resetsAt == Fixture.time.addingTimeInterval(7200))
        let error = #"{"error":{"type":"x","message":"Incorrect API key provided"}}"#
        #expect(try run(Self.chat, error, .status(1)).kind == .authentication)
        // An empty or missing error is none.
        let none = #"{"error":null}"# + "\n" + #"{"error":{"message":""}}"# + "\n" + Self.end
        #expect(try run(Self.chat, none).status == .succeeded)
    }

    @Test(
        "JSON is found however it is printed",
        arguments: [
            #"{"usage":{"prompt_tokens":5},"type":"end","failed":false}"#,
            "\u{FEFF}" + #"{"usage":{"prompt_tokens":5},"type":"end","failed":false}"# + "\r",
            #"data: {"usage":{"prompt_tokens":5},"type":"end","failed":false}"# + "\n\ndata: [DONE]",
            "\u{1B}[?25l" + #"{"usage":{"prompt_tokens":5},"type":"end","failed":false}"#,
            #"[{"usage":{"prompt_tokens":2}},{"usage":{"prompt_tokens":3},"type":"end","failed":false}]"#,
            "working\n{\n  \"type\": \"end\",\n  \"failed\": false,\n  \"usage\": {\n    \"prompt_tokens\": 5\n  }\n}\n",
            "[\r\n {\"usage\": {\"prompt_tokens\": 5}},\r\n {\"type\": \"end\", \"failed\": false}\r\n]\r\n",
            "{ no document\n}\n" + #"{"usage":{"prompt_tokens":5},"type":"end","failed":false}"#,
        ])
    func shapes(_ output: String) throws {
        let outcome = try run(Self.chat, output)
        #expect(outcome.status == .succeeded && outcome.usage == TokenUsage(input: 5), "\(outcome)")
    }

    @Test("a long line is read whole, also by a pattern for its end")
    func longLines() throws {
        let line =
            #"{"type":"end","failed":false,"text":""# + String(repeating: "x", count: 100_000)
            + #"","usage":{"prompt_tokens":5}}"#
        #expect(try run(Self.chat, line).usage == TokenUsage(input: 5))
        let pattern = #"command: tiny"# + "\n" + #"output: {input-tokens: '"prompt_tokens":(\d+)', error: '^","usage'}"#
        let outcome = try run(pattern, line)
        #expect(outcome.usage == TokenUsage(input: 5) && outcome.status == .succeeded, "\(outcome)")
    }

    private static let totals = "command: tiny\njson: {input-tokens: in, output-tokens: out, cost: usd}\ncounting: "
    private static let counts =
        #"{"in":10,"out":1}"# + "\n" + #"{"in":25,"out":3,"usd":0.5}"# + "\n" + #"{"in":40,"out":4,"usd":0.75}"#

    @Test("figures are parts, totals of the process or totals of the session")
    func counting() throws {
        let parts = try run(Self.totals + "each", Self.counts)
        #expect(parts.usage == TokenUsage(input: 75, output: 8) && parts.costUSD == 1.25)
        let total = try run(Self.totals + "total", Self.counts)
        #expect(total.usage == TokenUsage(input: 40, output: 4) && total.costUSD == 0.75)
        let before = SessionTotals(
            models: ["unknown": ModelUsage(tokens: TokenUsage(input: 30, output: 3), costUSD: 0.5)], costUSD: 0.5)
        let resumed = AgentRequest(resumeSessionID: "s", baseline: before)
        let session = try run(Self.totals + "session", Self.counts, request: resumed)
        #expect(session.usage == TokenUsage(input: 10, output: 1) && session.costUSD == 0.25, "\(session)")
    }

    @Test("a message that comes in pieces is one message")
    func pieces() throws {
        let yaml = "command: tiny\njson: {piece: delta.text, message: text, tool: tool}"
        let output =
            #"{"delta":{"text":"I lo"}}"# + "\n" + #"{"delta":{"text":"ok."}}"# + "\n" + #"{"tool":"Read"}"# + "\n"
            + #"{"delta":{"text":"All "}}"# + "\n" + #"{"delta":{"text":"done."}}"#
        var decoder = try adapter(yaml).makeDecoder(for: AgentRequest(), timeZone: .gmt)
        let events = decoder.feed(Data(output.utf8), at: Fixture.time) + decoder.endOfOutput(at: Fixture.time)
        let said = events.compactMap { event -> String? in
            guard case .message(let message) = event else { return nil }
            return message.text
        }
        #expect(said == ["I look.", "All done."])
        #expect(decoder.finish(.status(0), at: Fixture.time).finalText == "All done.")
    }

    @Test("a file that the program writes is read after its end, and only what is looked at is kept")
    func report() throws {
        let yaml = """
            command: [tiny]
            prompt: argument
            report: [--usage-file, "{report}"]
            json: {session: session_id, input-tokens: input_tokens, error: reason if failed=true}
            """
        let adapter = try adapter(yaml)
        let launch = try adapter.launch(AgentRequest(prompt: "Do it", outputFolder: "/o"))
        #expect(launch.argv == ["tiny", "--usage-file", "/o/report.json", "Do it"])
        let report = try #require(launch.reports.first)
        let file = #"{"session_id":"s-3","input_tokens":12,"failed":true,"reason":"no more","api_key":"secret"}"#
        let line = try #require(report.line(from: Array(file.utf8)))
        #expect(report.path == "/o/report.json" && !String(decoding: line, as: UTF8.self).contains("secret"))
        let outcome = try run(yaml, "working\n" + String(decoding: line, as: UTF8.self))
        #expect(outcome.sessionID == "s-3" && outcome.usage == TokenUsage(input: 12) && outcome.status == .failed)
    }

    @Test(
        "a mistake names the file and the key",
        arguments: [
            ("command: tiny\njson: {session: 'a b'}", "session"), ("command: tiny\njson: {message: 'a[0]'}", "message"),
            ("command: tiny\njson: {success: 'x if '}", "success"), ("command: tiny\njson: {colour: x}", "colour"),
            ("command: tiny\njson: 3", "json"), ("command: tiny\nreport: [-u, '{report}']", "report"),
            ("command: tiny\ncounting: sum", "counting"), ("command: tiny\ninput-includes-cached: 1", "input-includes"),
            ("command: tiny\nworktree-files: ['!x']", "worktree-files"),
            ("command: tiny\nprotocol: acp\njson: {session: x}", "json"),
        ])
    func mistakes(_ yaml: String, _ word: String) {
        let error = #expect(throws: AgentsError.self) { try adapter(yaml) }
        #expect(error?.description.contains("tiny.yaml") == true && error?.description.contains(word) == true)
    }
}
