import Agents
import Foundation
import RunnerCore

/// One recorded process of any agent: its output, the report that it left, and how it ended.
struct Recording: Sendable, CustomStringConvertible {
    let agent: String
    let name: String
    let stdout: Data
    let stderr: Data
    /// The line that the engine makes of the file that the agent left.
    let report: [UInt8]
    let exit: AgentExit

    var description: String { "\(agent)/\(name)" }

    static let agents = ["codex", "vibe", "openhands", "gptme", "mini", "aider"]

    private struct Meta: Decodable {
        struct Step: Decodable {
            let stdout: String
            let exit_code: Int
        }

        let steps: [Step]
    }

    static func directory(_ agent: String) throws -> URL {
        guard let resources = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
        return resources.appending(path: "Fixtures/\(agent)")
    }

    /// Every recorded process of `agent`.
    static func all(of agent: String) throws -> [Recording] {
        let directory = try directory(agent)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        return try names.filter { $0.hasSuffix(".meta.json") }.flatMap { file -> [Recording] in
            let meta = try JSONDecoder().decode(Meta.self, from: Data(contentsOf: directory.appending(path: file)))
            let reports = names.filter { $0.hasPrefix(file.dropLast(9)) && isReport($0, of: String(file.dropLast(10))) }
            return try meta.steps.enumerated().map { number, step in
                let isLast = number == meta.steps.count - 1
                let name = step.stdout.replacing(".jsonl", with: "").replacing(".stdout.txt", with: "")
                let report = isLast ? reports.first.map { directory.appending(path: $0) } : nil
                let errors = directory.appending(path: "\(name).stderr.txt")
                return Recording(
                    agent: agent, name: name, stdout: try Data(contentsOf: directory.appending(path: step.stdout)),
                    stderr: (try? Data(contentsOf: errors)) ?? Data(),
                    report: try report.map { try line($0, agent) } ?? [],
                    exit: step.exit_code < 0 ? .signal(-step.exit_code) : .status(step.exit_code))
            }
        }
    }

    private static func isReport(_ file: String, of recording: String) -> Bool {
        ["export.json", "traj.json", "base_state.json"].contains { file == "\(recording).\($0)" }
    }

    private static func line(_ file: URL, _ agent: String) throws -> [UInt8] {
        let request = AgentRequest(prompt: "x", outputFolder: "/tmp/out")
        let report = try AdapterRegistry.adapter(named: agent)?.launch(request).reports.first
        guard let line = report?.line(from: Array(try Data(contentsOf: file))) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return line
    }

    func makeDecoder(_ request: AgentRequest = AgentRequest()) -> any AgentDecoder {
        guard let adapter = AdapterRegistry.adapter(named: agent) else { preconditionFailure("no adapter \(agent)") }
        return adapter.makeDecoder(for: request, timeZone: .gmt)
    }

    /// Standard output with the report at its end, as the engine stores it.
    var output: Data { stdout + report }

    func decode(_ request: AgentRequest = AgentRequest()) -> (events: [AgentEvent], outcome: AgentOutcome) {
        var decoder = makeDecoder(request)
        var events = decoder.feed(stderr, from: .stderr, at: Fixture.time)
        events += decoder.feed(output, at: Fixture.time)
        events += decoder.endOfOutput(at: Fixture.time)
        return (events, decoder.finish(exit, at: Fixture.time))
    }
}
