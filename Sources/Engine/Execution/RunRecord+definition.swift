import RunnerCore
import Store

extension RunRecord {
    /// The workflow that it executes, with its set-up as the first step.
    func definition() throws -> WorkflowDefinition {
        let written = try WorkflowParser.parse(
            workflowSource, file: workflowName, knownAgents: AgentCatalog.workflowNames)
        let context = try RunContext(context)
        return try written.linked(WorkflowCatalog.parsed(context.called ?? [:])).settingUp(with: context.scripts)
    }
}

extension WorkflowDefinition {
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
