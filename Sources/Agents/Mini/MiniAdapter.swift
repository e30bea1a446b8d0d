package import Foundation
package import RunnerCore

/// mini-swe-agent.
package struct MiniAdapter: AgentAdapter {
    package init() {}

    package var name: String { "mini" }

    package var versionProbe: [String]? { ["mini", "--version"] }

    package var installation: String? { "install it: pip install mini-swe-agent mcp" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "2.4.6", reports: [.tools, .tokens],
            keys: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY"],
            logins: [AgentLogin(".config/mini-swe-agent", ".env")])
    }

    private static let reserved: Set = [
        "-t", "--task", "-y", "--yolo", "--exit-immediately", "-m", "--model", "-o", "--output",
    ]

    package var budgetOption: String? { "max-budget-usd" }

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    /// It has no sessions to go on with: a resumed attempt begins anew in the same worktree.
    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        let prompt = try promptArgument(request)
        var launch = AgentLaunch(
            argv: try arguments(request) + ["-t", prompt],
            environment: [
                "MSWEA_CONFIGURED": "true", "MSWEA_SILENT_STARTUP": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                // Else it refuses models whose price it does not know.
                "MSWEA_COST_TRACKING": "ignore_errors",
            ],
            passThroughEnvironment: [
                "OPENAI_*", "ANTHROPIC_*", "OPENROUTER_*", "GEMINI_*", "MSWEA_*", "LITELLM_*",
            ] + AgentLaunch.networkEnvironment)
        if let path = Self.trajectory(request) {
            launch.reports = [
                AgentReport(
                    name: MiniDecoder.report, path: path,
                    // Its configuration may hold keys.
                    keys: [
                        "info.exit_status", "info.submission", "info.model_stats", "info.mini_version", "messages",
                    ])
            ]
        }
        return launch
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        MiniDecoder(request: request, timeZone: timeZone)
    }

    private static func trajectory(_ request: AgentRequest) -> String? {
        request.outputFolder.map { "\($0)/mini.traj.json" }
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let reader = try OptionReader(
            agent: name, options: request.options, known: ["model", "max-turns", "max-budget-usd", "args"])
        var argv = ["mini", "-y", "--exit-immediately"]
        if let model = try reader.word("model") ?? request.model {
            argv += ["-m", try identifier(model, "the model")]
        }
        if let path = Self.trajectory(request) { argv += ["-o", path] }
        let turns = try reader.positiveInteger("max-turns")
        let budget = try reader.positiveNumber("max-budget-usd")
        // The first -c names its standard configuration, which further ones change.
        if turns != nil || budget != nil { argv += ["-c", "mini.yaml"] }
        if let turns { argv += ["-c", "agent.step_limit=\(turns)"] }
        if let budget { argv += ["-c", "agent.cost_limit=\(Money.decimal(budget))"] }
        return argv + (try reader.arguments(reserved: Self.reserved))
    }
}
