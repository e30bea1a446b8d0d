package import Foundation
package import RunnerCore

/// Google's Gemini CLI in its headless mode, from its source code and documentation.
package struct GeminiAdapter: AgentAdapter {
    package init() {}

    package var name: String { "gemini" }

    package var versionProbe: [String]? { ["gemini", "--version"] }

    package var evidence: AgentEvidence { .documented }

    package var installation: String? { "install the Gemini CLI" }

    package var facts: AgentFacts {
        AgentFacts(
            keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], logins: [AgentLogin(".gemini", "oauth_creds.json")])
    }

    private static let reserved: Set = [
        "-p", "--prompt", "-o", "--output-format", "-m", "--model", "-r", "--resume", "--approval-mode", "-y", "--yolo",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    /// Standard input is its prompt where none is given as argument.
    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        return AgentLaunch(
            argv: try arguments(request), stdin: Data(request.prompt.utf8),
            passThroughEnvironment: ["GEMINI_*", "GOOGLE_*"] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        GeminiDecoder(request: request, timeZone: timeZone)
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let options = try DocumentedOptions(agent: name, request, reserved: Self.reserved)
        var argv = [
            "gemini", "-o", "stream-json", "--approval-mode", options.approvesAll ? "yolo" : "auto_edit",
            "--skip-trust",
        ]
        if let model = options.model { argv += ["-m", model] }
        if let id = request.resumeSessionID { argv += ["-r", try identifier(id, "the session to resume")] }
        return argv + options.arguments
    }
}
