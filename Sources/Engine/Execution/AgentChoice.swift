import Agents
import RunnerCore

/// Which agent `default` means for a run, and what every step of it gets beside its own `with`.
struct AgentChoice: Sendable, Hashable, Codable {
    var defaultAgent: String?
    /// The command line for the agents `command` and `acp` where a step brings none.
    var command: String?
    var model: String?
    /// What agents get where step and run say nothing, by agent, as it was when the run was made.
    var defaults: [String: [String: JSONValue]]?

    /// The name of the agent that `step` runs with.
    func name(for body: AgentBody) throws -> String {
        guard body.agent == AgentBody.defaultAgent else { return body.agent }
        guard let defaultAgent else {
            throw EngineError(
                .agentMissing, "no agent is chosen and none was found on PATH",
                hint: "give --agent claude, or --command with any command line")
        }
        return defaultAgent
    }

    /// The step's own settings, completed by those of the run, and these by the agent's defaults.
    func options(for body: AgentBody, agent: String) -> [String: JSONValue] {
        var options = defaults?[agent] ?? [:]
        if model != nil { options["model"] = nil }
        if let command, AdapterRegistry.adapter(named: agent)?.takesCommand == true {
            options["command"] = .string(command)
        }
        return options.merging(body.with) { $1 }
    }

    /// Checks before anything is made that each agent step can run on this machine.
    func check(_ definition: WorkflowDefinition, path: String?) throws {
        for step in definition.allSteps {
            guard case .agent(let body) = step.body else { continue }
            let name = try name(for: body)
            let adapter = try AgentCatalog.adapter(name)
            // Those of the run may lack what a file with a mistake says.
            _ = try AgentCatalog.defaults(of: adapter)
            if adapter.takesCommand, options(for: body, agent: name)["command"] == nil {
                throw EngineError(
                    .agentMissing, "the agent \"\(name)\" of step \"\(step.id)\" has no command line",
                    hint: "give --command '<command line>'")
            }
            try adapter.validate(options(for: body, agent: name))
            if let need = AgentCatalog.requirement(of: name), ProgramPath.find(need.program, on: path) == nil {
                throw EngineError(
                    .agentMissing, "the agent \"\(name)\" is not installed: there is no \"\(need.program)\" on PATH",
                    hint: need.advice)
            }
        }
    }
}

extension AgentChoice {
    /// What was asked for, completed by the repository's settings, the user's and what is on `path`.
    ///
    /// Throws `unknownAgent` for a name that no agent has.
    init(
        agent: String?, command: String?, model: String?, settings: RepositorySettings?, defaultAgent: String?,
        path: String?
    ) throws {
        let chosen = agent ?? (command == nil ? nil : "command") ?? settings?.agent ?? defaultAgent
        if let chosen, !AgentCatalog.workflowNames.contains(chosen) { throw AgentCatalog.unknown(chosen) }
        self.init(
            defaultAgent: chosen ?? AgentCatalog.installed(on: path), command: command, model: model,
            defaults: AgentCatalog.allDefaults)
    }
}
