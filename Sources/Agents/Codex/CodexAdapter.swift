package import Foundation
package import RunnerCore

/// OpenAI's Codex in its headless mode.
package struct CodexAdapter: AgentAdapter {
    package init() {}

    package var name: String { "codex" }

    package var versionProbe: [String]? { ["codex", "--version"] }

    package var installation: String? { "install Codex" }

    package var facts: AgentFacts {
        AgentFacts(
            provenVersion: "0.163.0", keys: ["CODEX_API_KEY", "OPENAI_API_KEY"],
            logins: [AgentLogin(".codex", "auth.json", variable: "CODEX_HOME")])
    }

    private static let reserved: Set = [
        "--json", "-m", "--model", "-s", "--sandbox", "--dangerously-bypass-approvals-and-sandbox", "resume", "fork",
        "--last", "-C", "--cd", "-",
    ]

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try arguments(AgentRequest(options: options))
    }

    /// The prompt goes to standard input: with a prompt as argument it would still read that to its end.
    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        return AgentLaunch(
            argv: try arguments(request), stdin: Data(request.prompt.utf8),
            passThroughEnvironment: ["OPENAI_*", "CODEX_*"] + AgentLaunch.networkEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        CodexDecoder(request: request, timeZone: timeZone)
    }

    /// `config` becomes its `-c key=value`; a sandboxed step needs no second sandbox inside.
    private func arguments(_ request: AgentRequest) throws(AgentsError) -> [String] {
        let reader = try OptionReader(
            agent: name, options: request.options, known: ["model", "sandbox", "config", "args"])
        let sandbox = try reader.choice("sandbox", of: ["read-only", "workspace-write", "none"])
        var argv = ["codex", "exec"]
        if request.resumeSessionID != nil { argv.append("resume") }
        argv += ["--json", "--skip-git-repo-check", "--disable", "plugins"]
        if let model = try reader.word("model") ?? request.model {
            argv += ["-m", try identifier(model, "the model")]
        }
        for setting in try reader.strings("config") ?? [] {
            guard setting.contains("="), !setting.hasPrefix("-") else {
                throw reader.invalid("config", "must be a list of key=value")
            }
            argv += ["-c", setting]
        }
        switch sandbox ?? (request.isSandboxed ? "none" : "workspace-write") {
        case "none": argv.append("--dangerously-bypass-approvals-and-sandbox")
        // Resuming takes no -s.
        case let mode: argv += ["-c", "sandbox_mode=\"\(mode)\""]
        }
        argv += try reader.arguments(reserved: Self.reserved)
        if let id = request.resumeSessionID { argv.append(try identifier(id, "the session to resume")) }
        return argv + ["-"]
    }
}
