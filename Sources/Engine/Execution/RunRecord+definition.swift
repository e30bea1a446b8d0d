import RunnerCore
import Store

extension RunRecord {
    /// The workflow that it executes, with its set-up as the first step.
    func definition() throws -> WorkflowDefinition {
        let written = try WorkflowParser.parse(
            workflowSource, file: workflowName, knownAgents: AgentCatalog.workflowNames)
        let context = try RunContext(context)
        let whole = try written.linked(WorkflowCatalog.parsed(context.called ?? [:]))
        let own = (context.candidateOf ?? []).reduce(whole) { $0.candidate($1) ?? $0 }
        var complete = own.settingUp(with: context.scripts)
        if let env = context.env { complete.env = env }
        return complete
    }
}

extension WorkflowDefinition {
    /// The workflow that a candidate runs, as `best#2`; nil when there is no such fork.
    func candidate(_ key: String) -> WorkflowDefinition? {
        guard let parent = StepPath(key).parent?.text, let number = StepPath(key).turn,
            let group = step(parent)?.group, group.kind == .fork
        else { return nil }
        var own = self
        own.steps = group.joins ? Array(group.steps.dropFirst(number - 1).prefix(1)) : group.steps
        // What the others do side by side, it cannot wait for.
        if group.joins { for index in own.steps.indices { own.steps[index].needs = [] } }
        return own
    }

    /// The rows of a run's steps, all pending.
    func newSteps(setupKey: String?) -> [NewStep] {
        let layout = StepLayout(self)
        return executionOrder.map { step in
            NewStep(
                key: step.id, kind: step.id == setupKey ? "setup" : step.kind, stage: step.stage,
                position: layout.position(of: step.id))
        }
    }
}
