import Git
import RunnerCore

/// A start request, checked and completed by settings, before anything is made.
struct RunPlan: Sendable {
    let workflow: WorkflowCatalog.Found
    let context: RunContext
    /// The workflow with the set-up before its first step.
    let definition: WorkflowDefinition
    var setupKey: String? { context.scripts?.setup == nil ? nil : workflow.definition.setupKey }

    init(
        _ request: StartRequest, workflow: WorkflowCatalog.Found, called: [String: WorkflowCatalog.Found],
        repository: Repository, base: Base, scripts: EnvironmentScripts?, settings: RunnerSettings
    ) throws {
        let path = settings.environment["PATH"]
        self.workflow = workflow
        let whole = try workflow.linked(called)
        let agents = try AgentChoice(
            agent: request.agent, command: request.agentCommand, model: request.model,
            fallback: request.fallback, settings: repository.settings, defaultAgent: settings.defaultAgent, path: path)
        try agents.check(whole, path: path)
        let inputs: [String: JSONValue]
        do {
            inputs = try workflow.definition.resolvedInputs(request.inputs)
        } catch {
            throw EngineError(.invalidArgument, "\(error)", hint: "see runner workflow show \(workflow.name)")
        }
        var context = RunContext(inputs: inputs, agents: agents, base: base, scripts: scripts)
        if let budget = request.budget { context.budgets = RunBudgets(run: budget) }
        context.called = called.isEmpty ? nil : called.mapValues(\.source)
        self.context = context
        definition = whole.settingUp(with: scripts)
    }
}
