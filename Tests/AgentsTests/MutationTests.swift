import Agents
import Foundation
import RunnerCore
import TestSupport
import Testing

/// Damages recorded streams: about 3,000 in the ordinary suite, 100,000 with `RUNNER_LONG_TESTS=1`.
@Suite("Damaged streams")
struct MutationTests {
    /// Variants of each recording; there are 184 recordings.
    private static let variants = ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] == "1" ? 560 : 14

    /// Another campaign with every other number.
    private static let base = ProcessInfo.processInfo.environment["RUNNER_SEED"].flatMap { UInt64($0) } ?? 0

    private static let agents = ["claude"] + Recording.agents

    @Test("no damage to a failed stream makes it a success, and none crashes", arguments: agents)
    func mutations(_ agent: String) throws {
        if Self.variants > 100 { print("\(agent): \(Self.variants) variants of each recording from seed \(Self.base)") }
        for recording in try Self.recordings(agent) {
            // The long form takes the long recordings too.
            guard Self.variants > 100 || recording.output.count < 60_000 else { continue }
            let failed = recording.decode().outcome.status != .succeeded
            let lines = recording.output.split(separator: UInt8(ascii: "\n")).map { Array($0) }
            for seed in 0..<Self.variants {
                var generator = SeededGenerator(seed: Self.base &* 1_000_003 &+ UInt64(seed) &* 31 &+ 7)
                var damaged = lines
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    StreamDamage.apply(to: &damaged, using: &generator)
                }
                var bytes = Array(damaged.joined(separator: [UInt8(ascii: "\n")]))
                if Bool.random(using: &generator) { bytes.append(UInt8(ascii: "\n")) }
                var decoder = recording.makeDecoder()
                var events = decoder.feed(bytes, at: Fixture.time)
                events += decoder.feed(recording.stderr, from: .stderr, at: Fixture.time)
                let outcome = decoder.finish(recording.exit, at: Fixture.time)
                if seed % 8 == 0 {
                    for event in events { _ = try event.jsonLine() }
                    _ = try outcome.jsonLine()
                }
                guard failed else { continue }
                #expect(outcome.status != .succeeded, "\(recording) seed \(seed)")
                #expect(outcome.reason?.isEmpty == false, "\(recording) seed \(seed)")
            }
        }
    }

    @Test("the check itself finds a decoder that believes the exit status")
    func negativeControl() throws {
        // Exit status 0 after a failure is common; the decoder for any program takes it for success.
        var wrong = 0
        for agent in ["openhands", "aider", "mini"] {
            for recording in try Self.recordings(agent) where recording.decode().outcome.status != .succeeded {
                var decoder = try #require(AdapterRegistry.adapter(named: "command")).makeDecoder()
                _ = decoder.feed(recording.output, at: Fixture.time)
                if decoder.finish(recording.exit, at: Fixture.time).status == .succeeded { wrong += 1 }
            }
        }
        #expect(wrong >= 10)
    }

    @Test("a line of 10 MB passes through", arguments: ["claude", "codex", "aider"])
    func longLine(_ agent: String) throws {
        let recording = try #require(try Self.recordings(agent).first { $0.name == "success" })
        let long = Data(repeating: UInt8(ascii: "x"), count: 10 << 20)
        let quoted = Data("{\"type\":\"message\",\"text\":\"".utf8) + long + Data("\"}".utf8)
        for line in [long, quoted] {
            var decoder = recording.makeDecoder()
            _ = decoder.feed(line + Data("\n".utf8) + recording.output, at: Fixture.time)
            #expect(decoder.finish(recording.exit, at: Fixture.time).status == .succeeded, "\(recording)")
        }
    }

    /// Claude's recordings have a shape of their own.
    private static func recordings(_ agent: String) throws -> [Recording] {
        guard agent == "claude" else { return try Recording.all(of: agent) }
        return try Fixture.allNames().map { name in
            let fixture = try Fixture.load(name)
            return Recording(
                agent: agent, name: name, stdout: fixture.stdout, stderr: fixture.stderr, report: [],
                exit: fixture.exit)
        }
    }
}
