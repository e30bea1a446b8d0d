extension WorkflowStep {
    /// The steps, each in the one of `stages` that it names; a step that names none of them stays as it is.
    static func placed(_ steps: [WorkflowStep], in stages: [WorkflowStage]) -> [WorkflowStep] {
        let byName = Dictionary(stages.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return steps.map { step in
            guard let stage = step.stage.flatMap({ byName[$0] }) else { return step }
            return step.placed(in: stage.name, agent: stage.agent)
        }
    }

    /// The step with all that it is made of in the stage; `agent`, where there is one, in the place of `default`.
    private func placed(in stage: String, agent: String?) -> WorkflowStep {
        var step = self
        step.stage = stage
        switch body {
        case .agent(var body):
            if body.agent == AgentBody.defaultAgent { body.agent = agent ?? body.agent }
            step.body = .agent(body)
        case .group(var group):
            // In candidates that have agents of their own, `default` means those.
            let inner = group.agents.isEmpty ? agent : nil
            group.steps = group.steps.map { $0.placed(in: stage, agent: inner) }
            group.judge = group.judge.map { $0.placed(in: stage, agent: agent) }
            group.agents = group.agents.map { $0 == AgentBody.defaultAgent ? agent ?? $0 : $0 }
            step.body = .group(group)
        case .script, .approval, .tool, .candidate, .task: break
        }
        return step
    }
}
