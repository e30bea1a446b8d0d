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
    /// Who takes over in steps that do not say it themselves.
    var fallback: [AgentFallback]?

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

    /// Who takes over in the step, in this order.
    func fallback(of body: AgentBody) -> [AgentFallback] {
        body.fallback.isEmpty ? fallback ?? [] : body.fallback
    }

    /// The agent at `index` of those that the step can run with: 0 is its own, then those that take over.
    func chosen(_ body: AgentBody, _ index: Int = 0) throws -> ChosenAgent {
        var complete = body
        complete.fallback = fallback(of: body)
        let body = complete.choice(index)
        let name = try name(for: body)
        // The run's model belongs to the agent that was meant.
        let model = index == 0 ? model : nil
        return ChosenAgent(
            name: name, with: body.with, options: options(for: body.with, agent: name, model: model), model: model)
    }

    /// The step's own settings, completed by those of the run, and these by the agent's defaults.
    private func options(for with: [String: JSONValue], agent: String, model: String?) -> [String: JSONValue] {
        var options = defaults?[agent] ?? [:]
        if model != nil { options["model"] = nil }
        if let command, AdapterRegistry.adapter(named: agent)?.takesCommand == true {
            options["command"] = .string(command)
        }
        return options.merging(with) { $1 }
    }

    /// Checks before anything is made that each agent step can run on this machine.
    func check(_ definition: WorkflowDefinition, path: String?) throws {
        try check(definition.steps, path: path)
    }

    private func check(_ steps: [WorkflowStep], path: String?) throws {
        for step in steps {
            if let group = step.group {
                // The candidates of a fork have each an agent of their own where it names some.
                for agent in group.agents.isEmpty ? [AgentBody.defaultAgent] : group.agents {
                    var own = self
                    if agent != AgentBody.defaultAgent { (own.defaultAgent, own.model) = (agent, nil) }
                    try own.check(group.steps, path: path)
                }
                try check(group.judge, path: path)
            }
            guard case .agent(let body) = step.body else { continue }
            let fallback = fallback(of: body)
            var candidates: [AgentTurn.Candidate] = []
            for index in 0...fallback.count {
                let chosen = try chosen(body, index)
                try check(chosen, of: step)
                candidates.append(AgentTurn.Candidate(trouble: chosen.isInstalled(on: path) ? nil : .missing))
            }
            guard AgentTurn.next(candidates, fallback) == nil else { continue }
            let name = try name(for: body)
            let need = AgentCatalog.requirement(of: name)
            throw EngineError(
                .agentMissing,
                "the agent \"\(name)\" is not installed: there is no \"\(need?.program ?? name)\" on PATH",
                hint: need?.advice)
        }
    }

    private func check(_ chosen: ChosenAgent, of step: WorkflowStep) throws {
        let adapter = try AgentCatalog.adapter(chosen.name)
        // Those of the run may lack what a file with a mistake says.
        _ = try AgentCatalog.defaults(of: adapter)
        if adapter.takesCommand, chosen.options["command"] == nil {
            throw EngineError(
                .agentMissing, "the agent \"\(chosen.name)\" of step \"\(step.id)\" has no command line",
                hint: "give --command '<command line>'")
        }
        try adapter.validate(chosen.options)
    }
}

extension AgentChoice {
    /// What was asked for, completed by the repository's settings, the user's and what is on `path`.
    ///
    /// Throws `unknownAgent` for a name that no agent has.
    init(
        agent: String?, command: String?, model: String?, fallback: [AgentFallback] = [],
        settings: RepositorySettings?, defaultAgent: String?, path: String?
    ) throws {
        let chosen = agent ?? (command == nil ? nil : "command") ?? settings?.agent ?? defaultAgent
        let names = AgentCatalog.workflowNames
        for name in [chosen].compactMap({ $0 }) + fallback.compactMap(\.agent) where !names.contains(name) {
            throw AgentCatalog.unknown(name)
        }
        self.init(
            defaultAgent: chosen ?? AgentCatalog.installed(on: path), command: command, model: model,
            defaults: AgentCatalog.allDefaults, fallback: fallback.isEmpty ? nil : fallback)
    }
}
