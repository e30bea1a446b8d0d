package import Foundation
package import RunnerCore

/// opencode's `run`, from its source code.
package struct OpenCodeAdapter: AgentAdapter {
    package init() {}

    package var name: String { "opencode" }

    package var versionProbe: [String]? { ["opencode", "--version"] }

    package var evidence: AgentEvidence { .documented }

    package var installation: String? { "install opencode" }

    package var facts: AgentFacts {
        AgentFacts(
            reports: [.sessions, .tools, .tokens, .cost],
            keys: [
                "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY",
            ], logins: [AgentLogin(".local/share/opencode", "auth.json")])
    }

    private static let reserved: Set = [
        "run", "--format", "-m", "--model", "-s", "--session", "-c", "--continue", "--fork", "--auto", "--dir",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    /// Older versions wait for ever where a permission is asked; the variable answers before they can.
    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        let options = try DocumentedOptions(agent: name, request, reserved: Self.reserved, more: ["agent"])
        return AgentLaunch(
            argv: try arguments(request),
            environment: ["OPENCODE_PERMISSION": options.approvesAll ? #"{"*":"allow"}"# : #"{"*":"deny"}"#],
            stdin: Data(request.prompt.utf8),
            passThroughEnvironment: ["OPENCODE_*", "ANTHROPIC_*", "OPENAI_*", "OPENROUTER_*", "GEMINI_*", "GOOGLE_*"]
                + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        OpenCodeDecoder(request: request, timeZone: timeZone)
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let options = try DocumentedOptions(agent: name, request, reserved: Self.reserved, more: ["agent"])
        var argv = ["opencode", "run", "--format", "json"]
        if let model = options.model { argv += ["-m", model] }
        if let agent = try options.reader.word("agent") { argv += ["--agent", agent] }
        if let id = request.resumeSessionID { argv += ["-s", try identifier(id, "the session to resume")] }
        return argv + options.arguments
    }
}
