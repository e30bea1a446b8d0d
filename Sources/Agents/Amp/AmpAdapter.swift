package import Foundation
package import RunnerCore

/// Amp's execute mode, from its documentation; it chooses its models itself.
package struct AmpAdapter: AgentAdapter {
    package init() {}

    package var name: String { "amp" }

    package var versionProbe: [String]? { ["amp", "--version"] }

    package var evidence: AgentEvidence { .documented }

    package var installation: String? { "install Amp" }

    package var facts: AgentFacts {
        AgentFacts(
            keys: ["AMP_API_KEY"], logins: [AgentLogin(".local/share/amp", "secrets.json")])
    }

    private static let reserved: Set = [
        "-x", "--execute", "--stream-json", "--stream-json-input", "--dangerously-allow-all", "threads", "continue",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        return AgentLaunch(
            argv: try arguments(request), stdin: Data(request.prompt.utf8),
            passThroughEnvironment: ["AMP_*"] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        AmpDecoder(request: request, timeZone: timeZone)
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let options = try DocumentedOptions(agent: name, request, reserved: Self.reserved)
        var argv = ["amp"]
        if let id = request.resumeSessionID {
            argv += ["threads", "continue", try identifier(id, "the thread to continue")]
        }
        argv += ["--execute", "--stream-json", "--no-notifications"]
        if options.approvesAll { argv.append("--dangerously-allow-all") }
        return argv + options.arguments
    }
}
