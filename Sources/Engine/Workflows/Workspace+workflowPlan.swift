import BlockingIO
import Git
import RunnerCore
import Store

extension Workspace {
    /// What would run, in which order and with which agent; nothing is made, fetched or run.
    package func planWorkflow(_ request: WorkflowPlanRequest) async throws -> WorkflowPlan {
        var place: WorkflowPlace?
        if let repository = request.repository {
            place = try await workflowPlace(repository, base: request.base)
        }
        let found = try await workflows.find(request.workflow, in: place)
        var obstacles: [String] = []
        let inputs: [String: JSONValue]
        do {
            inputs = try found.definition.resolvedInputs(request.inputs)
        } catch {
            throw EngineError(.invalidArgument, "\(error)", hint: "see runner workflow show \(request.workflow)")
        }
        do {
            _ = try await workflows.startable(request.workflow, in: place)
        } catch let error as EngineError {
            obstacles.append(error.description)
        }
        var scripts: EnvironmentScripts?
        if let place {
            do {
                scripts = try await ScriptFinder(place.repository, home: home).find(place.base, on: lane)
            } catch let error as EngineError {
                obstacles.append(error.description)
            }
        }
        let whole = try found.linked(try await workflows.called(by: found.definition, in: place))
        let path = settings.environment["PATH"]
        let agents = try AgentChoice(
            agent: request.agent, command: request.agentCommand, model: request.model,
            settings: place?.repository.settings, defaultAgent: settings.defaultAgent, path: path)
        do {
            try agents.check(whole, path: path)
        } catch {
            obstacles.append("\(error)")
        }
        let firstLine = request.task?.split(whereSeparator: \.isNewline).first.map(String.init)
        let context = TemplateContext(
            taskNumber: 0, taskTitle: firstLine ?? "", taskPrompt: request.task ?? "",
            repositoryName: place?.repository.name ?? "", repositoryURL: place?.repository.url ?? "",
            repositoryBranch: place?.repository.defaultBranch ?? "", baseBranch: place?.base.name ?? "",
            baseCommit: place?.base.commit.hex ?? "", runNumber: 1, inputs: inputs)
        let complete = whole.settingUp(with: scripts)
        let outline = WorkflowOutline(
            complete, context: context,
            knowledge: TemplateKnowledge(hasTask: request.task != nil, hasPlace: place != nil),
            setupKey: scripts?.setup == nil ? nil : found.definition.setupKey,
            agent: { try? agents.name(for: $0) }, fallback: { agents.fallback(of: $0) })
        return WorkflowPlan(
            workflow: found.name, origin: found.origin,
            status: try await store.workflow(named: found.name)?.status ?? .active, model: request.model,
            stages: whole.stages, steps: outline.steps, obstacles: obstacles)
    }
}
