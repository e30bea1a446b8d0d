package import Foundation
package import RunnerCore

/// Claude Code in its headless mode.
package struct ClaudeAdapter: AgentAdapter {
    package init() {}

    package var name: String { "claude" }

    package var versionProbe: [String]? { ["claude", "--version"] }

    package var installation: String? { "install Claude Code" }

    package var budgetOption: String? { "max-budget-usd" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "2.1.329", reports: [.sessions, .tools, .tokens, .cost],
            keys: [
                "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK",
                "CLAUDE_CODE_USE_VERTEX",
            ], logins: [AgentLogin(".claude", ".credentials.json", variable: "CLAUDE_CONFIG_DIR")])
    }

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try ClaudeOptions(options)
    }

    /// The prompt goes to standard input: as an argument, one of 140,000 bytes fails before the start.
    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        let options = try ClaudeOptions(request.options)
        try requirePrompt(request)
        if options.skipsPermissions, request.isRoot, !request.isSandboxed {
            throw AgentsError(
                .refusedAsRoot, agent: name, key: "permission-mode",
                message: "Claude Code refuses to skip permissions as root outside a sandbox; "
                    + "run as an ordinary user, or name the tools in allowed-tools")
        }
        var environment = ["DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"]
        if options.skipsPermissions, request.isRoot { environment["IS_SANDBOX"] = "1" }
        return AgentLaunch(
            argv: try arguments(options, request), environment: environment, stdin: Data(request.prompt.utf8),
            // Behind a proxy or a company's certificate it could not reach its model without the latter.
            passThroughEnvironment: [
                "ANTHROPIC_*", "CLAUDE_CODE_*", "CLAUDE_CONFIG_DIR", "API_TIMEOUT_MS", "NODE_EXTRA_CA_CERTS",
            ] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        ClaudeDecoder(baseline: request.baseline, isResumed: request.resumeSessionID != nil, timeZone: timeZone)
    }

    private func arguments(_ options: ClaudeOptions, _ request: AgentRequest) throws(AgentsError) -> [String] {
        var argv = ["claude", "-p", "--output-format", "stream-json", "--verbose"]
        // It takes every bare word after it, so another option has to follow.
        if !options.allowedTools.isEmpty { argv += ["--allowedTools"] + options.allowedTools }
        argv += ["--permission-mode", options.permissionMode]
        if let model = options.model ?? request.model { argv += ["--model", try identifier(model, "the model")] }
        if let turns = options.maxTurns { argv += ["--max-turns", String(turns)] }
        if let budget = options.maxBudgetUSD { argv += ["--max-budget-usd", Money.decimal(budget)] }
        if let id = request.resumeSessionID {
            argv += ["--resume", try identifier(id, "the session to resume")]
        } else if let id = request.sessionID {
            argv += ["--session-id", try identifier(id, "the session id")]
        }
        return argv + options.arguments
    }
}
