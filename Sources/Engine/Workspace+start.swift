import BlockingIO
import Foundation
import Git
package import RunnerCore
import Store

extension Workspace {
    /// Registers the repository if it is new, makes the task and runs its workflow to the end.
    ///
    /// Everything that can be checked is checked before anything is made.
    package func start(
        _ request: StartRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> RunResult {
        let prompt = try Workspace.checked(request)
        _ = try shim()
        let (repository, base) = try await cancellation.guarded { [self] in
            let known = try await repositories.findOrAdd(request.repository, progress: progress)
            let fetched = request.fetches ? try await repositories.fetch(known, progress: progress) : known
            return (
                fetched,
                try await repositories.base(of: fetched, requested: request.base, typed: request.repository)
            )
        }
        let plan = try RunPlan(request, repository: repository, base: base, settings: settings)
        await noteUncommitted(repository, progress: progress)
        let created = try await store.createTask(try await newTask(request, prompt, plan, repository))
        progress(.taskCreated(created.task))
        return try await run(created.run, from: nil, progress: progress, cancellation: cancellation)
    }

    /// Claims the run for this process and executes it.
    func run(
        _ run: RunRecord, from state: RunState?, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> RunResult {
        let session = try await WorkerSession.open(
            store: store, version: Workspace.version, cancellation: cancellation)
        do {
            guard let claimed = try await store.claimRun(run.id, for: session.id) else {
                throw EngineError(.wrongState, "the run is being worked on by another process", hint: nil)
            }
            let watch = session.watch(claimed.id, for: cancellation)
            defer { watch.cancel() }
            let executor = RunExecutor(workspace: self, progress: progress, cancellation: cancellation)
            let result = try await executor.execute(claimed, from: state)
            await session.close()
            return result
        } catch {
            await session.close()
            throw error
        }
    }

    private static func checked(_ request: StartRequest) throws -> String {
        if let problem = TaskText.validate(prompt: request.prompt) {
            throw EngineError(.emptyTask, "the task cannot be used: \(problem)", hint: nil)
        }
        if let title = request.title, let problem = TaskText.validate(title: title) {
            throw EngineError(.emptyTask, "the title cannot be used: \(problem)", hint: nil)
        }
        return request.prompt
    }

    private func newTask(
        _ request: StartRequest, _ prompt: String, _ plan: RunPlan, _ repository: Repository
    ) async throws -> NewTask {
        let definition = plan.workflow.definition
        let encoded = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(definition))
        let (version, _) = try await store.freezeWorkflow(
            name: plan.workflow.name, source: plan.workflow.source, definition: encoded,
            author: settings.environment["USER"] ?? "runner")
        let firstLine =
            prompt.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .first { !$0.isEmpty } ?? "task"
        return NewTask(
            repositoryID: repository.id, title: request.title ?? String(firstLine.prefix(200)), prompt: prompt,
            labels: request.labels, source: "shell", workflowVersionID: version, context: try plan.context.json(),
            steps: definition.executionOrder.map { NewStep(key: $0.id, kind: $0.kind, stage: $0.stage) },
            agent: plan.context.agents.defaultAgent)
    }

    private func noteUncommitted(_ repository: Repository, progress: ProgressHandler) async {
        guard repository.isLocal else { return }
        let dirty = try? await lane.run { try Repositories.origin(of: repository).hasUncommittedChanges() }
        if dirty == true {
            progress(.note("uncommitted changes in \(repository.url) are not part of the task"))
        }
    }
}
