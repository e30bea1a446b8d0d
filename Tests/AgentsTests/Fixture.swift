import Agents
import Foundation
import RunnerCore

/// One recorded process of Claude Code: its output and how it ended.
struct Fixture: Sendable {
    let name: String
    let stdout: Data
    let stderr: Data
    let exit: AgentExit

    static let time = Date(timeIntervalSince1970: 1_790_000_000)

    private struct Meta: Decodable {
        struct Step: Decodable {
            let stdout: String
            let exit_code: Int
        }

        let steps: [Step]
    }

    static func directory() throws -> URL {
        guard let resources = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
        return resources.appending(path: "Fixtures/claude")
    }

    /// Names of all recorded outputs, without `.jsonl`.
    static func allNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory().path)
            .filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted()
    }

    static func load(_ name: String) throws -> Fixture {
        let directory = try directory()
        let recording = String(name.prefix { $0 != "." })
        let meta = try JSONDecoder().decode(
            Meta.self, from: Data(contentsOf: directory.appending(path: "\(recording).meta.json")))
        guard let step = meta.steps.first(where: { $0.stdout == "\(name).jsonl" }) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        let code = step.exit_code
        return Fixture(
            name: name, stdout: try Data(contentsOf: directory.appending(path: "\(name).jsonl")),
            stderr: (try? Data(contentsOf: directory.appending(path: "\(recording).stderr.txt"))) ?? Data(),
            exit: code < 0 ? .signal(-code) : .status(code))
    }

    /// Decodes the whole recording in one piece.
    func decode(request: AgentRequest = AgentRequest()) -> (events: [AgentEvent], outcome: AgentOutcome) {
        var decoder = ClaudeAdapter().makeDecoder(for: request, timeZone: .gmt)
        var events = decoder.feed(stdout, at: Self.time)
        events += decoder.feed(stderr, from: .stderr, at: Self.time)
        events += decoder.endOfOutput(at: Self.time)
        return (events, decoder.finish(exit, at: Self.time))
    }
}

/// Decodes lines that were made up for a test.
func decodeClaude(
    _ lines: [String], exit: AgentExit = .status(0), request: AgentRequest = AgentRequest(),
    at time: Date = Fixture.time
) -> (events: [AgentEvent], outcome: AgentOutcome) {
    var decoder = ClaudeAdapter().makeDecoder(for: request, timeZone: .gmt)
    let events = decoder.feed(Data(lines.map { $0 + "\n" }.joined().utf8), at: time)
    return (events, decoder.finish(exit, at: time))
}
