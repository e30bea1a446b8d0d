package import Foundation
package import RunnerCore

/// aider with one message.
package struct AiderAdapter: AgentAdapter {
    package init() {}

    package var name: String { "aider" }

    package var versionProbe: [String]? { ["aider", "--version"] }

    package var installation: String? { "install it: pip install aider-chat (Python 3.12 or older)" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "0.86.2", reports: [.tools, .tokens, .cost],
            keys: [
                "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY",
            ], logins: [AgentLogin(".", ".aider.conf.yml"), AgentLogin(".", ".env")])
    }

    /// None when it is started as here; these are what it leaves by its own defaults.
    package var worktreeFiles: [String] { [".aider*"] }

    private static let reserved: Set = [
        "--model", "--message", "-m", "--message-file", "-f", "--yes-always", "--no-pretty", "--pretty",
        "--auto-commits", "--dirty-commits", "--gitignore", "--chat-history-file", "--input-history-file",
        "--restore-chat-history",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        return AgentLaunch(
            argv: try arguments(request),
            // Else it breaks its lines after 80 columns, in the middle of what an error says about a limit.
            environment: ["COLUMNS": "4000"],
            passThroughEnvironment: [
                "OPENAI_*", "ANTHROPIC_*", "OPENROUTER_*", "GEMINI_*", "DEEPSEEK_*", "AIDER_*", "LITELLM_*",
            ] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        AiderDecoder(request: request, timeZone: timeZone)
    }

    /// By its defaults it would commit by itself, also a person's own changes, and write files into the worktree.
    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let reader = try OptionReader(
            agent: name, options: request.options, known: ["model", "edit-format", "files", "args"])
        var argv = ["aider"]
        if let model = try reader.word("model") ?? request.model {
            argv += ["--model", try identifier(model, "the model")]
        }
        argv += [
            "--yes-always", "--no-pretty", "--no-check-update", "--no-show-release-notes", "--analytics-disable",
            "--no-show-model-warnings", "--no-auto-commits", "--no-dirty-commits", "--no-gitignore", "--map-tokens",
            "0",
        ]
        let folder = request.outputFolder ?? "/tmp"
        argv += [
            "--chat-history-file", "\(folder)/aider.chat.md", "--input-history-file", "\(folder)/aider.input",
            "--llm-history-file", "\(folder)/aider.llm",
        ]
        if let format = try reader.word("edit-format") { argv += ["--edit-format", format] }
        if let file = request.promptFile {
            argv += ["--message-file", file]
        } else {
            argv += ["--message", try promptArgument(request)]
        }
        argv += try reader.arguments(reserved: Self.reserved)
        return argv + (try reader.words("files") ?? [])
    }
}
