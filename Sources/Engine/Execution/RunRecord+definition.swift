import RunnerCore
import Store

extension RunRecord {
    /// The workflow that it executes, with its set-up as the first step.
    func definition() throws -> WorkflowDefinition {
        let written = try WorkflowParser.parse(
            workflowSource, file: workflowName, knownAgents: AgentCatalog.workflowNames)
        return written.settingUp(with: try RunContext(context).scripts)
    }
}

extension WorkflowDefinition {
    /// The rows of a run's steps, all pending.
    func newSteps(setupKey: String?) -> [NewStep] {
        executionOrder.map { NewStep(key: $0.id, kind: $0.id == setupKey ? "setup" : $0.kind, stage: $0.stage) }
    }
}
