import Foundation
import RunnerCore
import Testing

@testable import Agents

@Suite("Lines of agents")
struct LineReaderTests {
    @Test("a line of JSON is matched as text where the agent's lines are no JSON of its own")
    func jsonAsText() throws {
        let yaml = #"""
            command: [tiny]
            output:
              session: '"session":"(\S+?)"'
              output-tokens: '"out":(\d+)'
              success: '"done":true'
            """#
        let adapter = FileAgentAdapter(try FileAgent(yaml: Array(yaml.utf8), name: "tiny", file: "tiny.yaml"))
        var decoder = adapter.makeDecoder(for: AgentRequest(model: "m-1"), timeZone: .gmt)
        _ = decoder.feed(Data("{\"session\":\"s-1\",\"out\":7}\n{\"done\":true}".utf8), at: Fixture.time)
        let outcome = decoder.finish(.status(0), at: Fixture.time)
        #expect(outcome.status == .succeeded)
        #expect(outcome.sessionID == "s-1")
        #expect(outcome.usage == TokenUsage(output: 7))
    }

    @Test("both channels, pieces of any length, a line end of two bytes and a last line without one")
    func pieces() {
        let lines = [
            #"{"type":"thread.started","thread_id":"t-1"}"#, "", "  ", #"{"type":"turn.started"} "#, "not JSON",
            #"{"type":"item.completed","item":{"id":"1","type":"agent_message","text":"a\u00e9 😀"}}"#,
        ]
        let bytes = Array(lines.joined(separator: "\r\n").utf8)
        let whole = events(bytes, piece: bytes.count)
        #expect(whole.map(\.name) == [.session, .text, .message, .text])
        for piece in 1...70 { #expect(events(bytes, piece: piece) == whole) }
    }

    @Test("a line with very many blocks costs no more for each of them", .timeLimit(.minutes(1)))
    func manyBlocks() {
        let block = #"{"type":"text","text":"a"}"#
        let count = 100_000
        let content = Array(repeating: block, count: count).joined(separator: ",")
        let line = #"{"type":"assistant","message":{"content":[\#(content)]}}"#
        var decoder = ClaudeAdapter().makeDecoder()
        let events = decoder.feed(Data((line + "\n").utf8), at: Fixture.time)
        #expect(events.count == count && events.last == .message(AgentMessage(text: "a")))
    }

    private func events(_ bytes: [UInt8], piece: Int) -> [AgentEvent] {
        var decoder = CodexAdapter().makeDecoder(for: AgentRequest(), timeZone: .gmt)
        var events: [AgentEvent] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            events += decoder.feed(bytes[start..<min(start + piece, bytes.count)], at: Fixture.time)
        }
        events += decoder.endOfOutput(at: Fixture.time)
        return events + decoder.feed(Data("{\"a\":1}\n".utf8), from: .stderr, at: Fixture.time)
    }
}
