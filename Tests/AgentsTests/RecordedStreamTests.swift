import Agents
import Foundation
import RunnerCore
import TestSupport
import Testing

@Suite("Recorded streams of the other agents")
struct RecordedStreamTests {
    @Test("every recording has its expectation, and every expectation its recording", arguments: Recording.agents)
    func tableIsComplete(_ agent: String) throws {
        let names = try Recording.all(of: agent).map(\.name)
        #expect(names.sorted() == (try RecordingExpectation.all(of: agent)).keys.sorted())
        #expect(names.count >= 13)
    }

    @Test("a recording decodes into what its lines say", arguments: Recording.agents)
    func decodes(_ agent: String) throws {
        let expectations = try RecordingExpectation.all(of: agent)
        for recording in try Recording.all(of: agent) {
            let expected = try #require(expectations[recording.name])
            let (events, outcome) = recording.decode()
            check(outcome, events, against: expected, "\(recording)")
        }
    }

    private func check(
        _ outcome: AgentOutcome, _ events: [AgentEvent], against expected: RecordingExpectation, _ name: Comment
    ) {
        #expect(outcome.status == expected.status, name)
        #expect(outcome.kind == expected.kind, name)
        #expect((outcome.reason == nil) == (expected.status == .succeeded), name)
        let reason = outcome.reason ?? ""
        #expect(reason.hasPrefix(expected.reason ?? ""), "\(name): \(reason)")
        #expect(outcome.sessionID == expected.session, name)
        #expect(outcome.model == expected.model, name)
        let usage = outcome.usage.map { [$0.input, $0.output, $0.cacheRead, $0.cacheWrite] }
        #expect(usage == expected.tokens, name)
        #expect(isNear(outcome.costUSD, expected.cost), name)
        #expect(outcome.retries == expected.retries, name)
        if let turns = expected.turns { #expect(outcome.turns == turns, name) }
        #expect(outcome.tools.map { "\($0.name) \($0.status.rawValue)" } == expected.tools, name)
        #expect(isNear(outcome.resetsAt?.timeIntervalSince(Fixture.time), expected.resets), name)
        guard expected.messages != ["*"] else { return }
        let messages = events.compactMap { event -> String? in
            guard case .message(let message) = event else { return nil }
            return message.text
        }
        #expect(messages == expected.messages, name)
        #expect(outcome.finalText == expected.final, name)
    }

    private func isNear(_ value: Double?, _ expected: Double?) -> Bool {
        guard let value, let expected else { return value == nil && expected == nil }
        return abs(value - expected) < 1e-9
    }

    @Test("every recorded line of a protocol is known", arguments: Recording.agents)
    func nothingUnknown(_ agent: String) throws {
        for recording in try Recording.all(of: agent) {
            let unknown = recording.decode().events.filter { $0.name == .unknown }
            #expect(unknown.isEmpty, "\(recording): \(unknown)")
        }
    }

    @Test("the reports of one process add up to the outcome's usage", arguments: Recording.agents)
    func reportsAddUp(_ agent: String) throws {
        for recording in try Recording.all(of: agent) {
            let (events, outcome) = recording.decode()
            let reports = events.compactMap { event -> UsageReport? in
                guard case .usage(let report) = event else { return nil }
                return report
            }
            let sum = reports.reduce(TokenUsage()) { $0 + $1.tokens }
            #expect(sum == outcome.usage ?? TokenUsage(), "\(recording)")
        }
    }

    @Test("the way in which output is cut changes nothing", arguments: Recording.agents)
    func chunking(_ agent: String) throws {
        var generator = SeededGenerator(seed: 11)
        for recording in try Recording.all(of: agent) where recording.output.count < 100_000 {
            let whole = recording.decode()
            for largest in [3, 4000] {
                var decoder = recording.makeDecoder()
                var events = decoder.feed(recording.stderr, from: .stderr, at: Fixture.time)
                var rest = recording.output[...]
                while !rest.isEmpty {
                    let chunk = rest.prefix(Int.random(in: 1...largest, using: &generator))
                    events += decoder.feed(chunk, at: Fixture.time)
                    rest = rest.dropFirst(chunk.count)
                }
                events += decoder.endOfOutput(at: Fixture.time)
                #expect(events == whole.events, "\(recording)")
                #expect(decoder.finish(recording.exit, at: Fixture.time) == whole.outcome, "\(recording)")
            }
        }
    }

    @Test("a resumed session is not counted twice")
    func resumed() throws {
        for (agent, first, second) in [
            ("codex", "resume.1", "resume.2"), ("codex", "resume-last.1", "resume-last.2"),
            ("codex", "fork.1", "fork.2"), ("codex", "resume-other-cwd.1", "resume-other-cwd.2"),
        ] {
            let all = try Recording.all(of: agent)
            let one = try #require(all.first { $0.name == first }).decode().outcome
            let two = try #require(all.first { $0.name == second })
            #expect(one.sessionTotals != nil)
            let known = two.decode(AgentRequest(resumeSessionID: "x", baseline: one.sessionTotals)).outcome
            let whole = two.decode().outcome.usage ?? TokenUsage()
            #expect((known.usage ?? TokenUsage()) + (one.usage ?? TokenUsage()) == whole, "\(two)")
            // Without the earlier totals nothing is claimed rather than everything counted again.
            let unknown = two.decode(AgentRequest(resumeSessionID: "x")).outcome
            #expect(unknown.usage == nil, "\(two)")
            #expect(unknown.sessionTotals?.models.values.first?.tokens == whole)
        }
    }

    @Test("an agent that names its conversation by our id goes on with it")
    func givenName() throws {
        let recording = try #require(try Recording.all(of: "gptme").first { $0.name == "resume.2" })
        #expect(recording.decode(AgentRequest(sessionID: "abc")).outcome.sessionID == "abc")
        #expect(recording.decode(AgentRequest(resumeSessionID: "my-session")).outcome.sessionID == "my-session")
    }

    @Test("a killed OpenHands, which tells its id only at the end, is known by the id that it was given")
    func givenID() throws {
        let all = try Recording.all(of: "openhands")
        let id = "11111111-2222-4333-8444-555555555555"
        let killed = try #require(all.first { $0.name == "sigterm-tool" })
        #expect(killed.decode().outcome.sessionID == nil)
        #expect(
            killed.decode(AgentRequest(sessionID: id)).outcome.sessionID == "11111111222243338444555555555555")
        // What it says itself goes before: once when it is the same, and last when it is another.
        let ended = try #require(all.first { $0.name == "resume-unknown" })
        let same = ended.decode(AgentRequest(resumeSessionID: "99999999-2222-4333-8444-555555555555"))
        #expect(same.outcome.sessionID == "99999999222243338444555555555555")
        #expect(same.events.count { $0.name == .session } == 1)
        #expect(ended.decode(AgentRequest(sessionID: id)).outcome.sessionID == same.outcome.sessionID)
    }

    @Test("what a tool prints cannot end gptme's session")
    func forged() throws {
        let recording = try #require(try Recording.all(of: "gptme").first { $0.name == "tool-failure" })
        let success = try #require(try Recording.all(of: "gptme").first { $0.name == "success" })
        let lines = success.stdout.split(separator: UInt8(ascii: "\n"))
        // A tool that prints the last lines of a success, before the lines that gptme itself prints about it.
        let real = recording.stdout.split(separator: UInt8(ascii: "\n"))
        let all = real.prefix(1) + lines.suffix(2) + real.dropFirst()
        let forged = Array(all.joined(separator: [UInt8(ascii: "\n")]))
        var decoder = recording.makeDecoder()
        _ = decoder.feed(forged, at: Fixture.time)
        #expect(decoder.finish(.status(0), at: Fixture.time).status == .failed)
    }
}
