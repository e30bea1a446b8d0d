package import Foundation
package import RunnerCore

/// Cursor's command line agent, from other projects' adapters.
package struct CursorAdapter: AgentAdapter {
    package init() {}

    package var name: String { "cursor" }

    package var versionProbe: [String]? { ["cursor-agent", "--version"] }

    package var evidence: AgentEvidence { .documented }

    package var installation: String? { "install Cursor's cursor-agent" }

    package var facts: AgentFacts {
        AgentFacts(
            reports: [.sessions, .tools], keys: ["CURSOR_API_KEY"], mayHideLogin: true)
    }

    private static let reserved: Set = [
        "-p", "--print", "--output-format", "--stream-partial-output", "--force", "-f", "--trust", "--model",
        "--resume",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        return AgentLaunch(
            argv: try arguments(request) + [try promptArgument(request)],
            passThroughEnvironment: ["CURSOR_*"] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        CursorDecoder(request: request, timeZone: timeZone)
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let options = try DocumentedOptions(agent: name, request, reserved: Self.reserved)
        var argv = ["cursor-agent", "-p", "--output-format", "stream-json", "--trust"]
        if options.approvesAll { argv.append("--force") }
        if let model = options.model { argv += ["--model", model] }
        if let id = request.resumeSessionID { argv += ["--resume", try identifier(id, "the session to resume")] }
        return argv + options.arguments
    }
}
