package import Foundation
package import RunnerCore

/// The OpenHands command line in its headless mode.
package struct OpenHandsAdapter: AgentAdapter {
    package init() {}

    package var name: String { "openhands" }

    package var versionProbe: [String]? { ["openhands", "--version"] }

    package var installation: String? { "install it: pip install openhands (Python 3.12 or newer), and tmux" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "1.16.0", reports: [.sessions, .tools, .tokens, .cost], keys: ["LLM_API_KEY"],
            logins: [AgentLogin(".openhands", "agent_settings.json")])
    }

    private static let reserved: Set = [
        "--headless", "--json", "--override-with-envs", "-t", "--task", "-f", "--file", "--resume",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        // Without PYTHONUNBUFFERED every line comes at the end, and none after a kill.
        var environment = [
            "PYTHONUNBUFFERED": "1", "OPENHANDS_SUPPRESS_BANNER": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        ]
        if let model = request.options["model"]?.stringValue ?? request.model {
            environment["LLM_MODEL"] = model
        }
        return AgentLaunch(
            argv: try arguments(request), environment: environment,
            passThroughEnvironment: ["LLM_*", "OPENHANDS_*", "TMUX_TMPDIR"] + AgentLaunch.networkEnvironment,
            reports: [
                AgentReport(
                    name: OpenHandsDecoder.report, path: "~/.openhands/conversations/{session}/base_state.json",
                    keys: ["id", "execution_status", "stats.usage_to_metrics"])
            ],
            // SIGINT is obeyed only when the current call returns, which may take minutes.
            interrupt: .terminate)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        OpenHandsDecoder(request: request, timeZone: timeZone)
    }

    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let reader = try OptionReader(agent: name, options: request.options, known: ["model", "args"])
        _ = try reader.word("model")
        var argv = ["openhands", "--headless", "--json", "--override-with-envs"]
        if let file = request.promptFile {
            argv += ["-f", file]
        } else {
            argv += ["-t", try promptArgument(request)]
        }
        // It tells the id only at its end, so that of a killed one it would not be known. To an id that is not there
        // it begins a conversation under that id.
        if let id = request.resumeSessionID ?? request.sessionID {
            argv += ["--resume", try identifier(id, "the session's id")]
        }
        return argv + (try reader.arguments(reserved: Self.reserved))
    }
}
