package import Foundation
package import RunnerCore

/// Mistral's Vibe in its headless mode.
package struct VibeAdapter: AgentAdapter {
    package init() {}

    package var name: String { "vibe" }

    package var versionProbe: [String]? { ["vibe", "--version"] }

    package var installation: String? { "install it: pip install mistral-vibe (Python 3.12 or newer)" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "3.0.2", reports: [.sessions, .tools, .tokens, .cost], keys: ["MISTRAL_API_KEY"],
            logins: [AgentLogin(".vibe", ".env", variable: "VIBE_HOME")])
    }

    private static let reserved: Set = [
        "-p", "--prompt", "--output", "--output-dir", "--auto-approve", "--trust", "--resume", "-c", "--continue",
        "--max-turns", "--max-price", "--max-tokens",
    ]

    package var budgetOption: String? { "max-budget-usd" }

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        var launch = AgentLaunch(
            argv: try arguments(request),
            // Else it asks the system's keyring, which may ask a person.
            environment: ["PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"], stdin: Data(request.prompt.utf8),
            passThroughEnvironment: ["VIBE_*", "MISTRAL_*"] + AgentLaunch.networkEnvironment)
        if let folder = request.outputFolder {
            launch.reports = [
                AgentReport(
                    name: VibeDecoder.report, path: "\(folder)/export.json",
                    keys: [
                        "outcome", "stop_reason", "error", "session_id", "usage", "cost_usd", "steps", "exit_code",
                        "vibe_version", "config.active_model",
                    ])
            ]
        }
        return launch
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        VibeDecoder(request: request, timeZone: timeZone)
    }

    /// Its models are named in its own configuration, so there is no option for one.
    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let reader = try OptionReader(
            agent: name, options: request.options,
            known: ["auto-approve", "max-turns", "max-budget-usd", "max-tokens", "args"])
        var argv = ["vibe", "-p", "--output", "streaming"]
        if let folder = request.outputFolder { argv += ["--output-dir", folder] }
        if try reader.flag("auto-approve") ?? true { argv.append("--auto-approve") }
        argv.append("--trust")
        if let turns = try reader.positiveInteger("max-turns") { argv += ["--max-turns", String(turns)] }
        if let price = try reader.positiveNumber("max-budget-usd") { argv += ["--max-price", Money.decimal(price)] }
        if let tokens = try reader.positiveInteger("max-tokens") { argv += ["--max-tokens", String(tokens)] }
        if let id = request.resumeSessionID { argv += ["--resume", try identifier(id, "the session to resume")] }
        return argv + (try reader.arguments(reserved: Self.reserved))
    }
}
