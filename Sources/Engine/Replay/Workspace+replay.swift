import BlockingIO
import Git
package import RunnerCore
import Store

extension Workspace {
    /// Makes a new task that runs the workflow of an ended run once more, from the same base, with what its agents printed
    /// and changed in the place of the agents; scripts run really.
    package func replay(
        _ request: ReplayRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> RunResult {
        var new = try await planned(request)
        let foreground = ForegroundRun(
            workspace: self, client: "replay", progress: progress, cancellation: cancellation)
        return try await foreground.run(new.runID, fence: 1) { session in
            new.owner = session
            let created = try await create(new)
            progress(.taskCreated(created.task))
            return created.run
        }
    }

    /// The same, but the run is left to the daemon of this host, which is started where none serves.
    package func replayDetached(
        _ request: ReplayRequest, progress: @escaping ProgressHandler
    ) async throws -> TaskRecord {
        try await BackgroundDaemon(workspace: self).checkPossible()
        let created = try await create(try await planned(request))
        progress(.taskCreated(created.task))
        _ = try await BackgroundDaemon(workspace: self).ensure()
        return created.task
    }

    private func planned(_ request: ReplayRequest) async throws -> NewTask {
        try checkTools()
        if let title = request.title, let problem = TaskText.validate(title: title) {
            throw EngineError(.emptyTask, "the title cannot be used: \(problem)", hint: nil)
        }
        let run = try await source(request.source)
        let detail = try await store.taskDetail(run.taskID)
        let task = detail.task
        guard run.status.isTerminal else {
            throw EngineError(
                .wrongState, "the run of task \(task.number) has not ended", hint: "wait, or cancel it first")
        }
        let definition = try run.definition()
        var context = try RunContext(run.context)
        guard context.fork == nil, context.continuation == nil, context.replay == nil else {
            throw EngineError(
                .wrongState, "task \(task.number) does not begin at the beginning of its workflow",
                hint: "replay the task that it comes from")
        }
        try await checkRecordings(of: run, task, definition, detail)
        context.replay = ReplayOrigin(task: task.number, run: run.id)
        return NewTask(
            repositoryID: detail.repository.id, title: request.title ?? task.title, prompt: task.prompt,
            labels: task.labels, source: "shell", workflowVersionID: try await store.workflowVersion(of: run.id),
            context: try context.json(),
            steps: definition.newSteps(setupKey: context.scripts?.setup == nil ? nil : definition.steps.first?.id),
            agent: context.agents.defaultAgent,
            // The recorded changes are in this host's clone.
            host: HostIdentity.hostname)
    }

    private func source(_ text: String) async throws -> RunRecord {
        if let id = RunID(text), let run = try? await store.run(id) { return run }
        let task = try await store.task(matching: text)
        let runs = try await store.taskDetail(task.id).runs
        // What was told to its agent afterwards is no run of its workflow.
        let whole = try runs.last { try RunContext($0.context).continuation == nil }
        guard let run = whole ?? runs.last else {
            throw EngineError(.wrongState, "task \(task.number) has no run", hint: nil)
        }
        return run
    }

    /// Everything that will be played must be there, whole.
    private func checkRecordings(
        of run: RunRecord, _ task: TaskRecord, _ definition: WorkflowDefinition, _ detail: TaskDetail
    ) async throws {
        let hub = Hub(path: home.hub(detail.repository.id.description))
        let keys = Dictionary(
            try await store.steps(of: run.id).map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first })
        for attempt in try await store.attempts(of: run.id) where attempt.agent != nil && attempt.isReplayable {
            let key = keys[attempt.stepID] ?? ""
            guard attempt.logRemovedAt == nil, (attempt.log?.missing ?? 0) == 0 else {
                throw EngineError(
                    .wrongState, "the output of step \"\(key)\" of task \(task.number) is not kept whole any more",
                    hint: "a replay needs all of it; see runner repo update --log-retention")
            }
            let commits = [attempt.commitBefore, attempt.commitAfter].compactMap { $0 }
            guard try await lane.run({ try commits.allSatisfy { try hub.has($0) } }) else {
                throw EngineError(
                    .wrongState, "the checkpoint of step \"\(key)\" is not on this host",
                    hint: detail.environment.map { "run runner replay on the host \"\($0.host)\"" })
            }
        }
    }
}
