import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Events as JSON lines")
struct AgentEventJSONTests {
    struct Row: Sendable {
        let event: AgentEvent
        let json: String
    }

    static let usage = UsageReport(
        tokens: TokenUsage(input: 1, output: 2, cacheRead: 3, cacheWrite: 4),
        models: ["m": ModelUsage(tokens: TokenUsage(input: 1), costUSD: 0.5)], costUSD: 0.5,
        session: SessionTotals(models: [:], costUSD: 1.5))

    static let rows = [
        Row(
            event: .session(AgentSession(id: "s", model: "m", cwd: "/w", version: "1", permissionMode: "default")),
            json: #"{"cwd":"/w","id":"s","model":"m","permissionMode":"default","type":"session","version":"1"}"#),
        Row(event: .session(AgentSession(id: "s")), json: #"{"id":"s","type":"session"}"#),
        Row(event: .message(AgentMessage(text: "é\n")), json: #"{"text":"é\n","type":"message"}"#),
        Row(
            event: .thinking(AgentMessage(text: "t", parent: "p")),
            json: #"{"parent":"p","text":"t","type":"thinking"}"#),
        Row(
            event: .toolStarted(ToolStart(id: "t", name: "Bash", input: JSONDocument(text: #"{"b": 1, "a":null}"#))),
            json: #"{"id":"t","input":{"a":null,"b":1},"name":"Bash","type":"tool_started"}"#),
        Row(
            event: .toolFinished(ToolFinish(id: "t", failed: true, denied: false, output: "o")),
            json: #"{"denied":false,"failed":true,"id":"t","output":"o","type":"tool_finished"}"#),
        Row(
            event: .usage(usage),
            json: #"{"costUSD":0.5,"models":{"m":{"costUSD":0.5,"tokens":{"cacheRead":0,"cacheWrite":0,"input":1,"#
                + #""output":0}}},"session":{"costUSD":1.5,"models":{}},"#
                + #""tokens":{"cacheRead":3,"cacheWrite":4,"input":1,"output":2},"type":"usage"}"#),
        Row(
            event: .retry(AgentRetry(attempt: 1, max: 10, delayMilliseconds: 598, status: 429, kind: .rateLimit)),
            json: #"{"attempt":1,"delayMilliseconds":598,"kind":"rate_limit","max":10,"status":429,"type":"retry"}"#),
        Row(
            event: .limit(
                AgentLimit(kind: .usageLimit, resetsAt: Date(timeIntervalSince1970: 1_790_000_000), text: "x")),
            json: #"{"kind":"usage_limit","resetsAt":"2026-09-21T14:13:20.000Z","text":"x","type":"limit"}"#),
        Row(
            event: .error(AgentProblem(kind: .authentication, message: "no", isFatal: true)),
            json: #"{"isFatal":true,"kind":"authentication","message":"no","type":"error"}"#),
        Row(event: .notice(AgentNotice(text: "n")), json: #"{"text":"n","type":"notice"}"#),
        Row(
            event: .result(
                AgentResult(isError: false, subtype: "success", text: "done", turns: 2, durationMilliseconds: 5)),
            json: #"{"durationMilliseconds":5,"errors":[],"isError":false,"subtype":"success","text":"done","turns":2,"#
                + #""type":"result"}"#),
        Row(event: .unknown(UnknownEvent(name: "new")), json: #"{"name":"new","type":"unknown"}"#),
        Row(event: .unknown(UnknownEvent()), json: #"{"type":"unknown"}"#),
        Row(
            event: .text(OutputLine(text: "a/b", channel: .stderr)),
            json: #"{"channel":"stderr","text":"a/b","type":"text"}"#),
    ]

    @Test("keys and their names stay as they are, and every line can be read back", arguments: rows)
    func stable(_ row: Row) throws {
        #expect(try row.event.jsonLine() == row.json)
        #expect(try JSONLine.decode(AgentEvent.self, from: row.json) == row.event)
    }

    @Test("every kind of event has its row")
    func complete() {
        #expect(Set(Self.rows.map(\.event.name)) == Set(AgentEvent.Name.allCases))
    }

    @Test("every event of every recording is one line that can be read back", arguments: try Fixture.allNames())
    func recordings(_ name: String) throws {
        for event in try Fixture.load(name).decode().events {
            let line = try event.jsonLine()
            #expect(!line.contains("\n"))
            #expect(try JSONLine.decode(AgentEvent.self, from: line) == event)
        }
    }

    @Test("an outcome is one line with its type")
    func outcome() throws {
        let outcome = try Fixture.load("rate-limit-exhausted").decode().outcome
        let line = try outcome.jsonLine()
        let value = try JSONLine.decode(JSONValue.self, from: line)
        #expect(value["type"] == .string("outcome"))
        #expect(value["status"] == .string("failed"))
        #expect(value["kind"] == .string("rate_limit"))
        #expect(value["failureClass"] == .string("limit"))
        #expect(try JSONLine.decode(AgentOutcome.self, from: line) == outcome)
    }
}
