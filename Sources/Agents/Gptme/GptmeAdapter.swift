package import Foundation
package import RunnerCore

/// gptme in its non-interactive mode.
package struct GptmeAdapter: AgentAdapter {
    package init() {}

    package var name: String { "gptme" }

    package var versionProbe: [String]? { ["gptme", "--version"] }

    package var installation: String? { "install it: pip install gptme" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "0.35.1",
            keys: [
                "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY",
                "GROQ_API_KEY", "XAI_API_KEY",
            ], logins: [AgentLogin(".config/gptme", "config.toml")])
    }

    private static let reserved: Set = [
        "-n", "--non-interactive", "--output-format", "-m", "--model", "--tool-format", "-t", "--tools", "--name", "-r",
        "--resume",
    ]
    /// Longer prompts go to standard input, where it takes them for a pasted text.
    private static let argumentBytes = 100_000

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        let isShort = request.prompt.utf8.count < Self.argumentBytes
        return AgentLaunch(
            argv: try arguments(request) + (isShort ? [try promptArgument(request)] : []),
            stdin: isShort ? nil : Data(request.prompt.utf8),
            passThroughEnvironment: [
                "OPENAI_*", "ANTHROPIC_*", "OPENROUTER_*", "GEMINI_*", "DEEPSEEK_*", "GROQ_*", "XAI_*", "GPTME_*",
                "MODEL",
            ] + AgentLaunch.networkEnvironment,
            // SIGINT ends only the tool: it asks the model again.
            interrupt: .terminate)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        GptmeDecoder(request: request, timeZone: timeZone)
    }

    /// A conversation goes on under the name that it was begun with.
    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let reader = try OptionReader(agent: name, options: request.options, known: ["model", "tools", "args"])
        var argv = ["gptme", "-n", "--output-format", "json", "--tool-format", "tool"]
        if let model = try reader.word("model") ?? request.model {
            argv += ["-m", try identifier(model, "the model")]
        }
        let tools = try reader.words("tools") ?? ["shell", "save", "patch", "complete"]
        guard !tools.contains(where: { $0.contains(",") }) else {
            throw reader.invalid("tools", "must be a list of names without commas")
        }
        argv += ["-t", tools.joined(separator: ",")]
        if let id = request.resumeSessionID ?? request.sessionID {
            argv += ["--name", try identifier(id, "the session id")]
        }
        return argv + (try reader.arguments(reserved: Self.reserved))
    }
}
