import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Recorded streams of Claude Code")
struct ClaudeFixtureTests {
    @Test("every recording has its expectation, and every expectation its recording")
    func tableIsComplete() throws {
        #expect(try Fixture.allNames() == ClaudeExpectation.all.map(\.fixture).sorted())
    }

    @Test("a recording decodes into what its lines say", arguments: ClaudeExpectation.all)
    func decodes(_ expected: ClaudeExpectation) throws {
        let (events, outcome) = try Fixture.load(expected.fixture).decode()
        #expect(outcome.sessionID == expected.session)
        #expect(outcome.model == expected.model)
        #expect(outcome.status == expected.status)
        #expect(outcome.kind == expected.kind)
        #expect((outcome.reason == nil) == (expected.status == .succeeded))
        #expect((outcome.reason ?? "").hasPrefix(expected.reason), "\(outcome.reason ?? "")")
        #expect(outcome.costUSD == expected.cost)
        let usage = outcome.usage.map { [$0.input, $0.output, $0.cacheRead, $0.cacheWrite] }
        #expect(usage == expected.tokens)
        #expect(outcome.retries == expected.retries)
        if expected.fixture != "success-text" { #expect(outcome.finalText == expected.finalText) }
        let tools = outcome.tools.map { ClaudeExpectation.Tool(id: $0.callID, name: $0.name, status: $0.status) }
        #expect(tools == expected.tools)
        #expect(outcome.droppedTools == 0)
        let messages = events.compactMap { event -> String? in
            guard case .message(let message) = event, message.parent == nil else { return nil }
            return message.text
        }
        #expect(messages == expected.messages)
    }

    @Test("every recorded line of the protocol is known", arguments: ClaudeExpectation.all.map(\.fixture))
    func nothingUnknown(_ name: String) throws {
        let unknown = try Fixture.load(name).decode().events.filter { $0.name == .unknown }
        #expect(unknown.isEmpty)
    }

    @Test("the reports of one process add up to the outcome's usage", arguments: ClaudeExpectation.all.map(\.fixture))
    func reportsAddUp(_ name: String) throws {
        let (events, outcome) = try Fixture.load(name).decode()
        let reports = events.compactMap { event -> UsageReport? in
            guard case .usage(let report) = event else { return nil }
            return report
        }
        #expect(reports.reduce(TokenUsage()) { $0 + $1.tokens } == outcome.usage ?? TokenUsage())
    }

    @Test("a run is told in the order in which it happened")
    func order() throws {
        let names = try Fixture.load("success").decode().events.map(\.name)
        let tool: [AgentEvent.Name] = [.toolStarted, .toolFinished]
        #expect(names == [.session, .message] + tool + tool + tool + tool + [.message, .usage, .result])
    }

    @Test("tools keep their arguments, their result and their times")
    func tools() throws {
        var decoder = ClaudeAdapter().makeDecoder()
        let lines = try Fixture.load("success").stdout.split(separator: UInt8(ascii: "\n"))
        for (second, line) in lines.enumerated() {
            _ = decoder.feed(line + [UInt8(ascii: "\n")], at: Fixture.time.addingTimeInterval(Double(second)))
        }
        let tools = decoder.finish(.status(0), at: Fixture.time.addingTimeInterval(60)).tools
        let edit = try #require(tools.first { $0.name == "Edit" })
        #expect(edit.arguments.value["new_string"] == .string("return a + b"))
        #expect(edit.arguments.value["replace_all"] == .bool(false))
        #expect(edit.startedAt == Fixture.time.addingTimeInterval(4))
        #expect(edit.completedAt == Fixture.time.addingTimeInterval(5))
        #expect(tools.last?.output == "ok")
        #expect(tools.last?.error == nil)
    }

    @Test("failed and refused tools carry the reason")
    func failedTools() throws {
        let failed = try Fixture.load("tool-failure").decode().outcome.tools
        #expect(failed[0].output == "Exit code 3\nout\nerr")
        #expect(failed[0].error == "Exit code 3\nout\nerr")
        #expect(failed[3].arguments.value["__unparsedToolInput"] != nil)
        let refused = try Fixture.load("permission-denied").decode()
        #expect(refused.outcome.tools[0].error?.contains("needs approval") == true)
        let finishes = refused.events.compactMap { event -> ToolFinish? in
            guard case .toolFinished(let finish) = event else { return nil }
            return finish
        }
        #expect(finishes.map(\.denied) == [true])
        #expect(finishes.map(\.failed) == [true])
    }

    @Test("a subagent's tools name their parent, and a list of blocks is a tool's result")
    func subagent() throws {
        let (events, outcome) = try Fixture.load("subagent").decode()
        let parents = events.compactMap { event -> String?? in
            guard case .toolStarted(let start) = event else { return nil }
            return start.parent
        }
        #expect(parents == [nil, "toolu_0629720001_0"])
        #expect(outcome.tools[0].output?.contains("There are 2 files.") == true)
        #expect(outcome.usageByModel.keys.sorted() == ["claude-opus-5-5"])
        #expect(outcome.turns == 2)
    }

    @Test("error texts are limits or errors, never messages")
    func errorsAreNotSpeech() throws {
        let limited = try Fixture.load("rate-limit-exhausted").decode().events
        #expect(limited.map(\.name) == [.session, .retry, .retry, .limit, .usage, .result])
        let refused = try Fixture.load("auth-error").decode().events
        #expect(refused.map(\.name) == [.session, .retry, .retry, .error, .usage, .result])
        guard case .retry(let retry) = refused[1] else {
            Issue.record("no retry")
            return
        }
        let expected = AgentRetry(attempt: 1, max: 2, delayMilliseconds: 598, status: 401, kind: .authentication)
        #expect(retry == expected)
    }

    @Test("what tells success apart is neither the exit status nor the subtype")
    func naiveRulesFail() throws {
        let failed = ClaudeExpectation.all.filter { $0.status != .succeeded }
        let exitZero = try failed.filter { try Fixture.load($0.fixture).exit == .status(0) }
        #expect(
            exitZero.map(\.fixture).sorted() == ["sigint-stream", "sigint-tool", "stalled-reader", "success-text"])
        let subtypeSuccess = try failed.filter {
            let events = try Fixture.load($0.fixture).decode().events
            return events.contains { event in
                guard case .result(let result) = event else { return false }
                return result.subtype == "success"
            }
        }
        #expect(subtypeSuccess.count == 9)
    }

    @Test("an earlier attempt's totals are taken off where the stream does not tell this run's usage")
    func baseline() throws {
        let first = try Fixture.load("resume.1").decode().outcome
        #expect(first.sessionTotals?.costUSD == 0.005214)
        let second = try Fixture.load("resume.2")
        let text = String(decoding: second.stdout, as: UTF8.self)
            .replacing("model_usage_since_last_result", with: "not_in_old_versions")
        let old = Fixture(name: "old", stdout: Data(text.utf8), stderr: Data(), exit: .status(0))

        let resumed = AgentRequest(resumeSessionID: first.sessionID, baseline: first.sessionTotals)
        let known = old.decode(request: resumed).outcome
        #expect(known.usage == TokenUsage(input: 1002, output: 52, cacheRead: 400, cacheWrite: 60))
        #expect(known.costUSD == 0.005428)
        #expect(known.sessionTotals?.costUSD == 0.010642)

        let unknown = old.decode(request: AgentRequest(resumeSessionID: first.sessionID)).outcome
        #expect(unknown.usage == TokenUsage(input: 1002, output: 52, cacheRead: 400, cacheWrite: 60))
        #expect(unknown.costUSD == nil)
        // Without the baseline's guard the session's whole cost would be counted again.
        #expect(old.decode().outcome.costUSD == 0.010642)
    }
}
