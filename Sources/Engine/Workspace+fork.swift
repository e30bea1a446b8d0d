import BlockingIO
import Foundation
import Git
package import RunnerCore
import Store

extension Workspace {
    /// Makes a new task that goes on from a checkpoint of another one, in a worktree and on a branch of its own.
    ///
    /// The steps up to the chosen one keep their results and are not run again; the rest of the workflow is run here.
    package func fork(
        _ request: ForkRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> RunResult {
        var new = try await planned(request)
        let foreground = ForegroundRun(workspace: self, client: "fork", progress: progress, cancellation: cancellation)
        return try await foreground.run(new.runID, fence: 1) { session in
            new.owner = session
            let created = try await create(new)
            progress(.taskCreated(created.task))
            return created.run
        }
    }

    /// The same, but the run is left to the daemon of this host, which is started where none serves.
    package func forkDetached(_ request: ForkRequest, progress: @escaping ProgressHandler) async throws -> TaskRecord {
        try await BackgroundDaemon(workspace: self).checkPossible()
        let created = try await create(try await planned(request))
        progress(.taskCreated(created.task))
        _ = try await BackgroundDaemon(workspace: self).ensure()
        return created.task
    }

    private func planned(_ request: ForkRequest) async throws -> NewTask {
        try checkTools()
        if let title = request.title, let problem = TaskText.validate(title: title) {
            throw EngineError(.emptyTask, "the title cannot be used: \(problem)", hint: nil)
        }
        let task = try await store.task(matching: request.task)
        let detail = try await store.taskDetail(task.id)
        guard let run = try await store.latestRun(of: task.id, having: request.step) else {
            throw EngineError(.wrongState, "task \(task.number) has no run", hint: nil)
        }
        let source = ForkSource(
            task: task, run: run, definition: try run.definition(), steps: try await store.steps(of: run.id),
            attempts: try await store.attempts(of: run.id), environment: detail.environment?.id)
        let point = try source.point(request.step)
        // Without a step it begins where the task is now, edits by hand included.
        let start = request.step == nil ? try await results.currentCommit(detail) : point.commit
        let hub = Hub(path: home.hub(detail.repository.id.description))
        guard try await lane.run({ try hub.has(start.hex) }) else {
            throw EngineError(
                .wrongState, "the checkpoint of step \"\(point.step)\" is not on this host",
                hint: detail.environment.map { "run runner fork on the host \"\($0.host)\"" })
        }
        var context = try RunContext(run.context)
        context.agents = try agents(request, context.agents)
        try context.agents.check(source.definition, path: settings.environment["PATH"])
        context.baseCommit = start
        context.fork = point.origin
        return NewTask(
            repositoryID: detail.repository.id, title: request.title ?? task.title, prompt: task.prompt,
            labels: task.labels, source: "shell", workflowVersionID: try await store.workflowVersion(of: run.id),
            context: try context.json(), steps: point.steps, agent: context.agents.defaultAgent,
            // Checkpoints are in this host's clone.
            host: HostIdentity.hostname)
    }

    private func agents(_ request: ForkRequest, _ known: AgentChoice) throws -> AgentChoice {
        var agents = known
        let chosen = request.agent ?? (request.agentCommand == nil ? nil : "command")
        if let chosen {
            guard AgentCatalog.workflowNames.contains(chosen) else { throw AgentCatalog.unknown(chosen) }
            // A model belongs to an agent.
            if chosen != agents.defaultAgent { agents.model = nil }
            agents.defaultAgent = chosen
        }
        if let command = request.agentCommand { agents.command = command }
        if let model = request.model { agents.model = model }
        return agents
    }
}
