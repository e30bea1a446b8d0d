/// The JSON of a step uses the keys of the YAML file, with times in seconds.
extension WorkflowStep: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, name, stage, run, shell, agent, prompt, with, needs, timeout, env, writes, approval, group, tool,
            budget, fallback
        case condition = "if"
        case idleTimeout = "idle-timeout"
        case continueOnError = "continue-on-error"
        case maxAttempts = "max-attempts"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        stage = try container.decodeIfPresent(String.self, forKey: .stage)
        if let text = try container.decodeIfPresent(String.self, forKey: .run) {
            let shell = try container.decodeIfPresent(ScriptBody.Shell.self, forKey: .shell)
            body = .script(ScriptBody(text: text, shell: shell))
        } else if let approval = try container.decodeIfPresent(ApprovalBody.self, forKey: .approval) {
            body = .approval(approval)
        } else if let tool = try container.decodeIfPresent(ToolBody.self, forKey: .tool) {
            body = .tool(tool)
        } else if let group = try container.decodeIfPresent(GroupBody.self, forKey: .group) {
            body = .group(group)
        } else {
            body = .agent(
                AgentBody(
                    agent: try container.decode(String.self, forKey: .agent),
                    prompt: try container.decode(String.self, forKey: .prompt),
                    with: try container.decodeIfPresent([String: JSONValue].self, forKey: .with) ?? [:],
                    fallback: try container.decodeIfPresent([AgentFallback].self, forKey: .fallback) ?? []))
        }
        needs = try container.decodeIfPresent([String].self, forKey: .needs) ?? []
        condition = try container.decodeIfPresent(WorkflowCondition.self, forKey: .condition)
        timeout = try container.decodeIfPresent(Double.self, forKey: .timeout).map(Duration.seconds)
        idleTimeout = try container.decodeIfPresent(Double.self, forKey: .idleTimeout).map(Duration.seconds)
        continueOnError = try container.decodeIfPresent(Bool.self, forKey: .continueOnError) ?? false
        env = try container.decodeIfPresent([String: String].self, forKey: .env) ?? [:]
        writes = try container.decodeIfPresent(Bool.self, forKey: .writes) ?? true
        maxAttempts = try container.decodeIfPresent(Int.self, forKey: .maxAttempts) ?? 1
        contract = try StepContract(from: decoder)
        budget = try container.decodeIfPresent(Budget.self, forKey: .budget)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encodeIfPresent(stage, forKey: .stage)
        switch body {
        case .script(let script):
            try container.encode(script.text, forKey: .run)
            try container.encodeIfPresent(script.shell, forKey: .shell)
        case .agent(let agent):
            try container.encode(agent.agent, forKey: .agent)
            try container.encode(agent.prompt, forKey: .prompt)
            if !agent.with.isEmpty { try container.encode(agent.with, forKey: .with) }
            if !agent.fallback.isEmpty { try container.encode(agent.fallback, forKey: .fallback) }
        case .approval(let approval):
            try container.encode(approval, forKey: .approval)
        case .tool(let tool):
            try container.encode(tool, forKey: .tool)
        case .group(let group):
            try container.encode(group, forKey: .group)
        // Made for a run, never declared.
        case .candidate, .task: break
        }
        if !needs.isEmpty { try container.encode(needs, forKey: .needs) }
        try container.encodeIfPresent(condition, forKey: .condition)
        try container.encodeIfPresent(timeout?.inSeconds, forKey: .timeout)
        try container.encodeIfPresent(idleTimeout?.inSeconds, forKey: .idleTimeout)
        if continueOnError { try container.encode(true, forKey: .continueOnError) }
        if !env.isEmpty { try container.encode(env, forKey: .env) }
        if !writes { try container.encode(false, forKey: .writes) }
        if maxAttempts != 1 { try container.encode(maxAttempts, forKey: .maxAttempts) }
        try contract.encode(to: encoder)
        try container.encodeIfPresent(budget, forKey: .budget)
    }
}
