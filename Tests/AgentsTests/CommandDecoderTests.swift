import Agents
import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Output of any command")
struct CommandDecoderTests {
    private func decode(
        _ stdout: String, stderr: String = "", exit: AgentExit = .status(0)
    ) -> (events: [AgentEvent], outcome: AgentOutcome) {
        var decoder = CommandAdapter().makeDecoder()
        var events = decoder.feed(Data(stdout.utf8), at: Fixture.time)
        events += decoder.feed(Data(stderr.utf8), from: .stderr, at: Fixture.time)
        events += decoder.endOfOutput(at: Fixture.time)
        return (events, decoder.finish(exit, at: Fixture.time))
    }

    @Test("lines are events, standard output is the answer, exit status 0 is success")
    func success() {
        let (events, outcome) = decode("one\r\n\ntwo", stderr: "noise\n")
        #expect(
            events == [
                .text(OutputLine(text: "one")), .text(OutputLine(text: "noise", channel: .stderr)),
                .text(OutputLine(text: "two")),
            ])
        #expect(outcome.status == .succeeded)
        #expect(outcome.finalText == "one\r\n\ntwo")
        #expect(outcome.usage == nil)
        #expect(outcome.costUSD == nil)
    }

    @Test("the way a command ended decides")
    func endings() {
        #expect(decode("", exit: .unknown).outcome.status == .succeeded)
        #expect(decode("", exit: .status(3)).outcome.kind == .exitStatus)
        #expect(decode("", exit: .status(3)).outcome.failureClass == .permanent)
        #expect(decode("", exit: .status(75)).outcome.failureClass == .transient)
        #expect(decode("", exit: .status(127)).outcome.kind == .notStarted)
        #expect(decode("", exit: .signal(9)).outcome.kind == .killed)
        #expect(decode("", exit: .status(137)).outcome.kind == .killed)
        #expect(decode("", exit: .signal(2)).outcome.status == .interrupted)
        #expect(decode("", exit: .status(143)).outcome.status == .interrupted)
        // git's exit status for wrong usage, not SIGHUP.
        #expect(decode("", exit: .status(129)).outcome.kind == .exitStatus)
    }

    @Test("the reason is one sentence with the last words of the program")
    func reasons() {
        #expect(decode("", exit: .status(3)).outcome.reason == "command: exit status 3")
        #expect(decode("a\nb\n", exit: .status(3)).outcome.reason == "command: exit status 3: b")
        #expect(decode("a\n", stderr: "x\ny\n\n", exit: .status(1)).outcome.reason == "command: exit status 1: y")
        #expect(decode("", exit: .status(127)).outcome.reason == "command: did not start (exit status 127)")
    }

    @Test("a failure with an HTTP status in its last line is that; one further up is not, nor is a success")
    func statuses() {
        #expect(decode("", stderr: "Error code: 429 - slow down\n", exit: .status(1)).outcome.kind == .rateLimit)
        #expect(decode("HTTP 401\n", exit: .status(1)).outcome.kind == .authentication)
        #expect(decode("HTTP 401\nTypeError\n", exit: .status(1)).outcome.kind == .exitStatus)
        #expect(decode("HTTP 401\n", exit: .status(0)).outcome.status == .succeeded)
    }

    @Test("the last words are those that a terminal would show, whatever the line ends")
    func shownReasons() {
        func reason(_ text: String) -> String? { decode(text, exit: .status(3)).outcome.reason }
        #expect(reason("a\r\nb\r\n") == "command: exit status 3: b")
        #expect(reason("10 %\r20 %\rno space\n") == "command: exit status 3: no space")
        #expect(reason("no space\n\u{1B}[0m\u{1B}[K\n") == "command: exit status 3: no space")
        #expect(
            reason("\u{1B}[1m\u{1B}[31merror\u{1B}[0m: [a] no space\n") == "command: exit status 3: error: [a] no space"
        )
    }

    @Test("an answer of any length keeps its end, in whole characters and without zero bytes")
    func longAnswer() throws {
        let (_, outcome) = decode(String(repeating: "é\0😀\n", count: 100_000) + "the end\n")
        let text = try #require(outcome.finalText)
        #expect(text.utf8.count <= 64 * 1024 * 3)
        #expect(text.hasSuffix("the end"))
        #expect(!text.contains("\0"))
    }

    @Test("a line without end comes in pieces")
    func endlessLine() {
        let (events, outcome) = decode(String(repeating: "x", count: 100_000))
        #expect(events.count == 7)
        #expect(outcome.finalText?.utf8.count == 64 * 1024)
    }

    @Test("any bytes are taken")
    func anyBytes() throws {
        var generator = SeededGenerator(seed: 3)
        let bytes = (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var decoder = CommandAdapter().makeDecoder()
        for event in decoder.feed(bytes, at: Fixture.time) { _ = try event.jsonLine() }
        _ = try decoder.finish(.status(0), at: Fixture.time).jsonLine()
    }
}
