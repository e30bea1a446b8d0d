import Agents
import Foundation
import RunnerCore
import Testing

/// The agents that never ran here: lines in the form that their documentation or source code gives.
@Suite("Agents known from documentation")
struct DocumentedAgentTests {
    private static let names = ["amp", "copilot", "cursor", "gemini", "goose", "opencode"]

    private func decode(_ agent: String, _ lines: [String], _ exit: AgentExit = .status(0)) throws -> AgentOutcome {
        var decoder = try #require(AdapterRegistry.adapter(named: agent))
            .makeDecoder(for: AgentRequest(model: "some-model", sessionID: "our-id"), timeZone: .gmt)
        _ = decoder.feed(Data(lines.map { $0 + "\n" }.joined().utf8), at: Fixture.time)
        return decoder.finish(exit, at: Fixture.time)
    }

    /// A short run in the documented form.
    private func stream(_ agent: String) throws -> [String] {
        let file = try Recording.directory("documented").appending(path: "\(agent).jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("a run is read: session, one tool, speech, success", arguments: names)
    func success(_ agent: String) throws {
        let outcome = try decode(agent, stream(agent))
        #expect(outcome.status == .succeeded, "\(outcome.reason ?? "")")
        #expect(outcome.finalText == "All done.")
        #expect(outcome.tools.map(\.status) == [.succeeded])
        #expect(outcome.tools.first?.output == "a.txt")
        let arguments = outcome.tools.first?.arguments.value
        #expect(arguments?["command"] ?? arguments?["cmd"] == .string("ls"))
        let sessions = [
            "amp": "T-1", "copilot": "p1", "cursor": "c1", "gemini": "g1", "goose": "our-id", "opencode": "ses_1",
        ]
        #expect(outcome.sessionID == sessions[agent])
        let tokens = outcome.usage.map { [$0.input, $0.output, $0.cacheRead] }
        let expected: [String: [Int]] = [
            "amp": [100, 7, 20], "copilot": [0, 7, 0], "gemini": [100, 7, 20], "goose": [100, 7, 0],
            "opencode": [100, 7, 20],
        ]
        #expect(tokens == expected[agent])
        if agent == "opencode" { #expect(abs((outcome.costUSD ?? 0) - 0.03) < 1e-9) }
    }

    @Test("no cut, and no bad end of the process, leaves a success", arguments: names)
    func cut(_ agent: String) throws {
        let lines = try stream(agent)
        for count in 0..<lines.count {
            #expect(try decode(agent, Array(lines.prefix(count))).status != .succeeded, "\(count) lines")
        }
        #expect(try decode(agent, lines, .status(1)).status == .failed)
        #expect(try decode(agent, lines, .signal(9)).kind == .killed)
        #expect(try decode(agent, lines + [lines[lines.count - 2]]).status == .failed)
    }

    @Test(
        "a failure is named",
        arguments: [
            (
                "gemini", #"{"type":"result","status":"error","error":{"type":"TerminalQuotaError"}}"#,
                AgentErrorKind.usageLimit
            ),
            (
                "opencode", #"{"type":"error","sessionID":"s","error":{"data":{"message":"Unauthorized"}}}"#,
                .authentication
            ),
            ("goose", #"{"type":"error","error":"429 Too Many Requests"}"#, .rateLimit),
            ("cursor", #"{"type":"result","is_error":true,"result":"Connection refused"}"#, .connection),
            ("copilot", #"{"type":"result","sessionId":"p","exitCode":1,"usage":{}}"#, .execution),
            ("amp", #"{"type":"result","subtype":"error_max_turns","is_error":true}"#, .maxTurns),
        ])
    func failures(_ agent: String, _ line: String, _ kind: AgentErrorKind) throws {
        let outcome = try decode(agent, [line], .status(1))
        #expect(outcome.status == .failed)
        #expect(outcome.kind == kind)
        #expect(outcome.reason?.hasPrefix("\(agent): ") == true)
    }

    @Test("their adapters are marked, and begin and resume", arguments: names)
    func launch(_ agent: String) throws {
        let adapter = try #require(AdapterRegistry.adapter(named: agent))
        #expect(adapter.evidence == .documented)
        let launch = try adapter.launch(AgentRequest(prompt: "Do it", model: "m-1", worktree: "/w"))
        #expect(launch.argv.first == adapter.program)
        #expect(launch.stdin == Data("Do it".utf8) || launch.argv.contains("Do it"))
        if agent != "amp" { #expect(launch.argv.contains("m-1")) }
        let resumed = try adapter.launch(AgentRequest(prompt: "Go on", resumeSessionID: "abc-1"))
        #expect(resumed.argv.contains("abc-1"))
        #expect(throws: AgentsError.self) { try adapter.launch(AgentRequest(prompt: "x", resumeSessionID: "--evil")) }
        #expect(throws: AgentsError.self) { try adapter.launch(AgentRequest(prompt: " \n")) }
        #expect(throws: AgentsError.self) { try adapter.validate(["nonsense": .bool(true)]) }
        #expect(throws: AgentsError.self) { try adapter.validate(["approve": .string("some")]) }
    }

    @Test("every field may be missing, null or of another type", arguments: names)
    func oddTypes(_ agent: String) throws {
        let odd: [JSONValue] = [.null, .integer(-1), .number(1e300), .string("x"), .array([.null]), .object([:])]
        for line in try stream(agent) {
            guard case .object(let members) = try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8)) else {
                continue
            }
            for key in members.keys {
                for value in odd {
                    var changed = members
                    changed[key] = value
                    let text = try JSONLine.encode(JSONValue.object(changed))
                    _ = try decode(agent, [text, text]).jsonLine()
                }
            }
        }
    }
}
