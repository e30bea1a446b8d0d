package import Foundation
package import RunnerCore

/// Block's goose, from its source code.
package struct GooseAdapter: AgentAdapter {
    package init() {}

    package var name: String { "goose" }

    package var versionProbe: [String]? { ["goose", "--version"] }

    package var evidence: AgentEvidence { .documented }

    package var installation: String? { "install goose from its own site (the package goose-ai is another program)" }

    package var facts: AgentFacts {
        AgentFacts(
            keys: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GOOGLE_API_KEY"], mayHideLogin: true)
    }

    private static let reserved: Set = [
        "run", "-t", "--text", "-i", "--instructions", "--output-format", "--model", "--provider", "-n", "--name",
        "--resume", "--no-session", "--max-turns", "--quiet",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        let options = try DocumentedOptions(
            agent: name, request, reserved: Self.reserved, more: ["provider", "max-turns"])
        return AgentLaunch(
            argv: try arguments(request), environment: ["GOOSE_MODE": options.approvesAll ? "auto" : "chat"],
            stdin: Data(request.prompt.utf8),
            passThroughEnvironment: ["GOOSE_*", "OPENAI_*", "ANTHROPIC_*", "OPENROUTER_*", "GOOGLE_*"]
                + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        GooseDecoder(request: request, timeZone: timeZone)
    }

    /// A session goes on under the name that it was begun with; `-i -` reads the prompt from standard input.
    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let options = try DocumentedOptions(
            agent: name, request, reserved: Self.reserved, more: ["provider", "max-turns"])
        var argv = ["goose", "run", "-i", "-", "--output-format", "stream-json", "--quiet"]
        if let provider = try options.reader.word("provider") { argv += ["--provider", provider] }
        if let model = options.model { argv += ["--model", model] }
        if let turns = try options.reader.positiveInteger("max-turns") { argv += ["--max-turns", String(turns)] }
        if let id = request.resumeSessionID ?? request.sessionID {
            argv += ["-n", try identifier(id, "the session id")]
            if request.resumeSessionID != nil { argv.append("--resume") }
        } else {
            argv.append("--no-session")
        }
        return argv + options.arguments
    }
}
