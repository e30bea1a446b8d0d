import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Outcomes of Claude Code")
struct ClaudeDecoderTests {
    private let start = #"{"type":"system","subtype":"init","session_id":"s","model":"m"}"#
    private let speech = #"{"type":"assistant","message":{"model":"m","content":[{"type":"text","text":"Hi."}]}}"#
    private let success = #"{"type":"result","subtype":"success","is_error":false,"result":"Hi.","session_id":"s"}"#

    @Test("a result that says success, as the last thing, from a process that ended well, is a success")
    func plainSuccess() {
        let outcome = decodeClaude([start, speech, success]).outcome
        #expect(outcome.status == .succeeded)
        #expect(outcome.reason == nil)
        #expect(outcome.failureClass == nil)
        #expect(outcome.usage == nil)
        #expect(outcome.costUSD == nil)
    }

    @Test("success needs the flag to be false, not absent or of another type")
    func doubtIsFailure() {
        for flag in [#""is_error":null"#, #""is_error":"false""#, #""is_error":0"#, #""x":1"#] {
            let line = #"{"type":"result","subtype":"success",\#(flag),"result":"Hi."}"#
            #expect(decodeClaude([start, speech, line]).outcome.status == .failed)
        }
    }

    @Test("a turn that begins after a result and is cut off is no success")
    func cutTurn() {
        let outcome = decodeClaude([start, speech, success, start, speech]).outcome
        #expect(outcome.kind == .noResult)
        #expect(outcome.failureClass == .transient)
        #expect(decodeClaude([start, speech, success, start, speech, success]).outcome.status == .succeeded)
    }

    @Test("a subagent that goes on after the result does not undo it")
    func backgroundSubagent() {
        let late = #"{"type":"assistant","parent_tool_use_id":"t","message":{"content":[{"type":"text","text":"x"}]}}"#
        #expect(decodeClaude([start, speech, success, late]).outcome.status == .succeeded)
    }

    @Test("an exit status that contradicts the result fails the attempt, unless the runner ended the process")
    func exitContradicts() {
        let lines = [start, speech, success]
        #expect(decodeClaude(lines, exit: .status(1)).outcome.kind == .exitStatus)
        #expect(decodeClaude(lines, exit: .signal(9)).outcome.kind == .killed)
        #expect(decodeClaude(lines, exit: .signal(15)).outcome.status == .interrupted)
        let lingering = AgentExit(signal: 9, wasLingering: true)
        #expect(decodeClaude(lines, exit: lingering).outcome.status == .succeeded)
        #expect(decodeClaude([start, speech], exit: lingering).outcome.status == .failed)
        #expect(decodeClaude(lines, exit: .unknown).outcome.status == .succeeded)
    }

    @Test("an error that the agent got over is not the outcome's")
    func recovered() {
        let error = """
            {"type":"assistant","error":"overloaded","is_api_error_message":true,\
            "message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error"}]}}
            """
        let outcome = decodeClaude([start, error, speech, success]).outcome
        #expect(outcome.status == .succeeded)
        #expect(decodeClaude([start, error], exit: .status(1)).outcome.kind == .overloaded)
    }

    @Test("a usage limit is a limit with its reset, in the forms of old and new versions")
    func usageLimits() {
        let reset = Date(timeIntervalSince1970: 1_790_007_200)
        let banner = """
            {"type":"result","subtype":"success","is_error":false,"result":"Claude AI usage limit reached|1790007200"}
            """
        let synthetic = """
            {"type":"assistant","message":{"model":"<synthetic>",\
            "content":[{"type":"text","text":"You've hit your limit · resets 4:13pm"}]}}
            """
        let silent = """
            {"type":"result","subtype":"success","is_error":false,"result":"You've hit your limit · resets 4:13pm"}
            """
        let event = """
            {"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1790007200,\
            "rateLimitType":"five_hour"}}
            """
        let refused = """
            {"type":"result","subtype":"success","is_error":true,"api_error_status":429,"terminal_reason":"api_error",\
            "result":"You've hit your limit · resets 3pm (Asia/Shanghai)"}
            """
        for lines in [[start, banner], [start, event, refused]] {
            let outcome = decodeClaude(lines, exit: .status(1)).outcome
            #expect(outcome.kind == .usageLimit)
            #expect(outcome.failureClass == .limit)
            #expect(outcome.resetsAt == reset)
        }
        let (events, outcome) = decodeClaude([start, synthetic, silent])
        #expect(outcome.kind == .usageLimit)
        #expect(outcome.resetsAt == Date(timeIntervalSince1970: 1_790_007_180))
        #expect(events.map(\.name) == [.session, .limit, .result])
        // Where nothing marks it, the notice alone counts, and what speaks of one is an answer like any other.
        #expect(decodeClaude([start, silent]).outcome.kind == .usageLimit)
        let spoken = silent.replacing("You've", with: "The page now says: You've")
        #expect(decodeClaude([start, speech, spoken]).outcome.status == .succeeded)
    }

    @Test("warnings about a window are no limits")
    func allowedWindow() {
        let event = #"{"type":"rate_limit_event","rate_limit_info":{"status":"allowed_warning","resetsAt":1790007200}}"#
        let (events, outcome) = decodeClaude([start, event, #"{"type":"rate_limit_event"}"#, speech, success])
        #expect(!events.contains { $0.name == .limit })
        #expect(outcome.status == .succeeded)
    }

    @Test("unknown events are named, and plain lines kept as text")
    func unknownAndText() {
        let (events, _) = decodeClaude([
            #"{"type":"from_the_future","x":1}"#, #"{"type":"system","subtype":"newest"}"#, #"{"x":1}"#, "warning: \0x",
            "17", "", "  ", #"{"type":"assistant","#,
        ])
        #expect(
            events == [
                .unknown(UnknownEvent(name: "from_the_future")), .unknown(UnknownEvent(name: "system/newest")),
                .unknown(UnknownEvent()), .text(OutputLine(text: "warning: \u{FFFD}x")), .text(OutputLine(text: "17")),
                .text(OutputLine(text: #"{"type":"assistant","#)),
            ])
    }

    @Test("a repeated line neither doubles a tool nor overwrites its result")
    func repeatedLines() {
        let call = #"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash"}]}}"#
        let good = #"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"1"}]}}"#
        let bad = """
            {"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"2","is_error":true}]}}
            """
        let tools = decodeClaude([start, call, call, good, bad, success]).outcome.tools
        #expect(tools.map(\.status) == [.succeeded])
        #expect(tools.map(\.output) == ["1"])
    }

    @Test("results find their calls by id, in any order and however the id is written")
    func resultsOutOfOrder() {
        func call(_ id: String) -> String {
            #"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"\#(id)","name":"Bash"}]}}"#
        }
        func result(_ id: String) -> String {
            #"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"\#(id)","content":"\#(id)"}]}}"#
        }
        let tools = decodeClaude([
            start, call("ab"), call("a"), call("abc"), result(#"\u0061b"#), result("abc"), result(#"\u0061"#), success,
        ]).outcome.tools
        #expect(tools.map(\.callID) == ["ab", "a", "abc"])
        #expect(tools.map(\.output) == ["ab", "a", "abc"])
    }

    @Test("a result without a call, and a call without an id, are kept all the same")
    func looseEnds() {
        let result = #"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"z","content":null}]}}"#
        let call = #"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{}}]}}"#
        let tools = decodeClaude([start, result, call, call, success]).outcome.tools
        #expect(tools.map(\.callID) == ["z", "unnamed-1", "unnamed-2"])
        #expect(tools.map(\.name) == ["unknown", "Bash", "Bash"])
        #expect(tools.map(\.status) == [.succeeded, .unknown, .unknown])
    }

    @Test("refusals that only the result names are denials too")
    func lateDenials() {
        let result = """
            {"type":"result","subtype":"success","is_error":false,"result":"x",\
            "permission_denials":[{"tool_name":"Bash","tool_use_id":"t","tool_input":{"command":"rm"}}]}
            """
        let tools = decodeClaude([start, result]).outcome.tools
        #expect(tools.map(\.status) == [.denied])
        #expect(tools.first?.arguments.value == .object(["command": .string("rm")]))
        #expect(tools.first?.completedAt != nil)
    }

    @Test("usage and cost that nobody told are unknown, not zero")
    func unknownCost() {
        let flat = """
            {"type":"result","subtype":"success","is_error":false,"result":"x",\
            "usage":{"input_tokens":5,"output_tokens":7,"cache_read_input_tokens":null}}
            """
        let outcome = decodeClaude([start, flat, flat]).outcome
        #expect(outcome.usage == TokenUsage(input: 10, output: 14))
        #expect(outcome.costUSD == nil)
        #expect(outcome.usageByModel.isEmpty)
    }

    @Test("a cost that is told without tokens counts, one of nothing does not")
    func costAlone() {
        func cost(_ text: String) -> Double? {
            let line = success.replacing("\"result\":", with: "\"total_cost_usd\":\(text),\"result\":")
            return decodeClaude([start, speech, line]).outcome.costUSD
        }
        #expect(cost("0.25") == 0.25)
        #expect(cost("0") == nil && cost("null") == nil && cost("-1") == nil)
    }

    @Test("what a program around it wrote for a terminal does not hide a line")
    func terminal() {
        let outcome = decodeClaude(["\u{1B}[?25l" + start, speech, "\u{1B}[2K\r\u{1B}[0m" + success]).outcome
        #expect(outcome.status == .succeeded && outcome.sessionID == "s")
        #expect(decodeClaude([start, speech, "\u{1B}[2Kx" + success]).outcome.kind == .noResult)
    }

    @Test("long arguments and answers are cut between characters")
    func caps() throws {
        let long = String(repeating: "é😀", count: 200_000)
        let call = """
            {"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Write",\
            "input":{"content":"\(long)","file_path":"/f"}}]}}
            """
        let result = #"{"type":"result","subtype":"success","is_error":false,"result":"\#(long)"}"#
        let outcome = decodeClaude([start, call, result]).outcome
        let content = try #require(outcome.tools.first?.arguments.value["content"]?.stringValue)
        #expect(content.utf8.count <= 16 * 1024)
        #expect(!content.contains("\u{FFFD}"))
        #expect(try #require(outcome.finalText).utf8.count <= 256 * 1024)
    }
}
