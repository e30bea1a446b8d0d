import Agents
import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Decoders and hostile output")
struct DecoderRobustnessTests {
    @Test("the way in which output is cut changes nothing", arguments: try Fixture.allNames())
    func chunking(_ name: String) throws {
        let fixture = try Fixture.load(name)
        let whole = fixture.decode()
        var generator = SeededGenerator(seed: 7)
        for largest in [1, 2, 61, 5000] {
            var decoder = ClaudeAdapter().makeDecoder(for: AgentRequest(), timeZone: .gmt)
            var events: [AgentEvent] = []
            var rest = fixture.stdout[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(Int.random(in: 1...largest, using: &generator))
                events += decoder.feed(chunk, at: Fixture.time)
                rest = rest.dropFirst(chunk.count)
            }
            events += decoder.feed(fixture.stderr, from: .stderr, at: Fixture.time)
            events += decoder.endOfOutput(at: Fixture.time)
            #expect(events == whole.events)
            #expect(decoder.finish(fixture.exit, at: Fixture.time) == whole.outcome)
        }
    }

    @Test("no damage to a failed stream makes it a success, and none crashes", arguments: ClaudeExpectation.all)
    func mutations(_ expected: ClaudeExpectation) throws {
        let fixture = try Fixture.load(expected.fixture)
        let lines = fixture.stdout.split(separator: UInt8(ascii: "\n")).map { Array($0) }
        for seed in 0..<80 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var damaged = lines
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                StreamDamage.apply(to: &damaged, garbage: Self.garbage, using: &generator)
            }
            var bytes = Array(damaged.joined(separator: [UInt8(ascii: "\n")]))
            if Bool.random(using: &generator) { bytes.append(UInt8(ascii: "\n")) }
            var decoder = ClaudeAdapter().makeDecoder(for: AgentRequest(), timeZone: .gmt)
            let events = decoder.feed(bytes, at: Fixture.time)
            let outcome = decoder.finish(fixture.exit, at: Fixture.time)
            for event in events { _ = try event.jsonLine() }
            if expected.status != .succeeded {
                #expect(outcome.status != .succeeded, "seed \(seed)")
                #expect(outcome.reason?.isEmpty == false)
            }
        }
    }

    private static let garbage: [[UInt8]] = [
        [0], [0xFF, 0xFE, 0xC3], Array("null".utf8), Array("[]".utf8), Array("{}".utf8), Array("{\"type\":7}".utf8),
        Array("{\"type\":\"result\"}".utf8), Array("{\"type\":\"assistant\",\"message\":3}".utf8),
        Array("{\"type\":\"result\",\"is_error\":null,\"subtype\":\"success\"}".utf8),
        Array("{\"type\":\"user\",\"message\":{\"content\":[null,1,{\"type\":\"tool_result\"}]}}".utf8),
        Array(repeating: UInt8(ascii: "["), count: 5000), Array(repeating: UInt8(ascii: "a"), count: 100_000),
    ]

    @Test("every field may be missing, null or of another type", arguments: ["success", "subagent", "auth-error"])
    func oddTypes(_ name: String) throws {
        let odd: [JSONValue] = [.null, .integer(-1), .number(1e300), .string("x"), .array([.null]), .object([:])]
        for line in try Fixture.load(name).stdout.split(separator: UInt8(ascii: "\n")) {
            guard case .object(let members) = try JSONDecoder().decode(JSONValue.self, from: line) else { continue }
            for key in members.keys {
                for value in odd {
                    var changed = members
                    changed[key] = value
                    let text = try JSONLine.encode(JSONValue.object(changed))
                    let (events, outcome) = decodeClaude([text, text])
                    for event in events { _ = try event.jsonLine() }
                    _ = try outcome.jsonLine()
                }
            }
        }
    }

    @Test("counts that no sum can hold are bounded")
    func hugeCounts() {
        let line = """
            {"type":"result","subtype":"success","is_error":false,"total_cost_usd":1e400,"num_turns":1e400,
            "modelUsage":{"a":{"inputTokens":9223372036854775807},"b":{"inputTokens":9223372036854775807,
            "outputTokens":-5}}}
            """.replacing("\n", with: "")
        let (_, outcome) = decodeClaude([line, line])
        #expect((outcome.usage?.input ?? 0) > 0)
        #expect(outcome.usage?.output == 0)
        #expect(outcome.costUSD == nil)
    }

    @Test("turns that no column of the ledger can hold are bounded", arguments: [(.max, 1_000_000), (-3, 0), (7, 7)])
    func hugeTurns(_ told: Int, _ kept: Int) {
        let line = #"{"type":"result","subtype":"success","is_error":false,"num_turns":\#(told)}"#
        #expect(decodeClaude([line]).outcome.turns == kept)
    }

    @Test("absurd counts end no worker, and stay what the ledger can add up")
    func absurdCounts() throws {
        var decoder = try #require(AdapterRegistry.adapter(named: "aider")).makeDecoder()
        let line = "Tokens: 999999999M sent, 1 received.\n"
        _ = decoder.feed(Data(String(repeating: line, count: 100).utf8), at: Fixture.time)
        let usage = try #require(decoder.finish(.status(0), at: Fixture.time).usage)
        #expect(usage == TokenUsage(input: 100 * 1_000_000_000_000, output: 100))
        let most = TokenUsage(input: .max, output: .max, cacheRead: .max, cacheWrite: .max)
        #expect(most + most == most && most.total == 4 * TokenUsage.limit)
        let entry = UsageEntry(model: "m", tokens: most, costUSD: nil, source: .unpriced)
        let spent = Spending([entry, entry, entry])
        #expect(spent + spent == Spending(tokens: TokenUsage.limit, unpricedTokens: TokenUsage.limit))
    }

    @Test("a line of 10 MB is decoded, and its output is capped")
    func longLine() throws {
        let text = String(repeating: "0123456789abcdef", count: 10 * 65_536)
        let lines = [
            #"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Read","input":{}}]}}"#,
            #"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"\#(text)"}]}}"#,
            #"{"type":"result","subtype":"success","is_error":false,"result":"done"}"#,
        ]
        let outcome = decodeClaude(lines).outcome
        #expect(outcome.status == .succeeded)
        let output = try #require(outcome.tools.first?.output)
        #expect(output.utf8.count <= 16 * 1024)
        #expect(output.hasPrefix("0123456789abcdef"))
        #expect(output.hasSuffix("0123456789abcdef"))
    }

    @Test("a line over the limit is passed over, and the stream goes on after it")
    func endlessLine() {
        var decoder = ClaudeAdapter().makeDecoder()
        let piece = Data(repeating: UInt8(ascii: "x"), count: 1 << 20)
        var events: [AgentEvent] = []
        for _ in 0..<20 { events += decoder.feed(piece, at: Fixture.time) }
        #expect(events.count == 1)
        events += decoder.feed(
            Data("\n{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false}\n".utf8), at: Fixture.time)
        #expect(events.map(\.name) == [.unknown, .result])
        #expect(decoder.finish(.status(0), at: Fixture.time).status == .succeeded)
    }

    @Test("tool calls beyond what is kept are counted")
    func manyTools() {
        var decoder = ClaudeAdapter().makeDecoder()
        for number in 0..<10_050 {
            let line =
                #"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t\#(number)","name":"Bash"}]}}"#
            _ = decoder.feed(Data((line + "\n").utf8), at: Fixture.time)
        }
        let outcome = decoder.finish(.signal(9), at: Fixture.time)
        #expect(outcome.tools.count == 10_000)
        #expect(outcome.droppedTools == 50)
    }
}
