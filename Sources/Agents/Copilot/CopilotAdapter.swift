package import Foundation
package import RunnerCore

/// GitHub's Copilot CLI, from lines that others have published.
package struct CopilotAdapter: AgentAdapter {
    package init() {}

    package var name: String { "copilot" }

    package var versionProbe: [String]? { ["copilot", "--version"] }

    package var evidence: AgentEvidence { .documented }

    package var installation: String? { "install the GitHub Copilot CLI" }

    package var facts: AgentFacts {
        AgentFacts(
            keys: ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"], mayHideLogin: true)
    }

    private static let reserved: Set = [
        "-p", "--prompt", "--output-format", "--allow-all-tools", "--no-ask-user", "--model",
        "--session-id", "--resume",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        return AgentLaunch(
            argv: try arguments(request) + ["-p", try promptArgument(request)],
            passThroughEnvironment: ["COPILOT_*", "GH_TOKEN", "GITHUB_TOKEN"] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        CopilotDecoder(request: request, timeZone: timeZone)
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let options = try DocumentedOptions(agent: name, request, reserved: Self.reserved, more: ["deny-tools"])
        var argv = ["copilot", "--output-format", "json", "--no-ask-user"]
        if options.approvesAll { argv.append("--allow-all-tools") }
        for tool in try options.reader.words("deny-tools") ?? [] { argv += ["--deny-tool", tool] }
        if let model = options.model { argv += ["--model", model] }
        if let id = request.resumeSessionID {
            argv += ["--resume", try identifier(id, "the session to resume")]
        } else if let id = request.sessionID {
            argv += ["--session-id", try identifier(id, "the session id")]
        }
        return argv + options.arguments
    }
}
