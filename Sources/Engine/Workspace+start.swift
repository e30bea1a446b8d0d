import BlockingIO
import Foundation
import Git
package import RunnerCore
import Store

extension Workspace {
    /// Registers the repository if it is new, makes the task and runs its workflow to the end, as a worker for it.
    ///
    /// Everything that can be checked is checked before anything is made.
    package func start(
        _ request: StartRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> RunResult {
        let template = try await taskTemplate(request, progress: progress, cancellation: cancellation)
        async let told: Void = tellUncommitted(template, progress: progress)
        var new = template.task
        let foreground = ForegroundRun(
            workspace: self, client: "start", progress: progress, cancellation: cancellation)
        let result = try await foreground.run(new.runID, fence: 1) { session in
            new.owner = session
            let created = try await create(new)
            progress(.taskCreated(created.task))
            try await tellWaiting(created, progress: progress)
            return created.run
        }
        await told
        return result
    }

    /// The same, but the run is left to the daemon of this host, which is started where none serves.
    ///
    /// Returns as soon as the task exists and a daemon serves.
    package func startDetached(
        _ request: StartRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> TaskRecord {
        let template = try await taskTemplate(request, progress: progress, cancellation: cancellation)
        try await BackgroundDaemon(workspace: self).checkPossible()
        let created = try await create(template.task)
        progress(.taskCreated(created.task))
        try await tellWaiting(created, progress: progress)
        _ = try await BackgroundDaemon(workspace: self).ensure()
        await tellUncommitted(template, progress: progress)
        return created.task
    }

    /// Says what a new task waits for, or why it has ended already.
    private func tellWaiting(_ created: CreatedTask, progress: ProgressHandler) async throws {
        if created.run.status.isTerminal {
            return progress(.runFinished(created.run.status, error: created.run.error))
        }
        guard created.run.status == .waiting else { return }
        let numbers = try await store.awaitedTasks(of: created.task.id).map(String.init)
        guard !numbers.isEmpty else { return }
        progress(.note("waiting for task\(numbers.count == 1 ? "" : "s") \(numbers.joined(separator: ", "))"))
    }

    /// The tasks that a person named, each once.
    private func named(_ texts: [String]) async throws -> [TaskID] {
        var found: [TaskID] = []
        for text in texts {
            let id = try await store.task(matching: text).id
            if !found.contains(id) { found.append(id) }
        }
        return found
    }

    /// Everything that makes a task but the task itself, checked.
    func taskTemplate(
        _ request: StartRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> TaskTemplate {
        let prompt = try Workspace.checked(request)
        let after = try await named(request.after)
        try checkTools()
        let (repository, base, isDirty) = try await cancellation.guarded { [self] in
            let began = Date()
            let known = try await repositories.findOrAdd(request.repository, progress: progress)
            // One that was cloned just now is as fresh as can be.
            let isFresh = known.createdAt >= began && (known.fetchedAt ?? .distantPast) >= began
            let isDirty = Task { await CheckoutLook.isDirty(known, early: request.look) }
            var fetched = request.fetches && !isFresh ? try await repositories.fetch(known, progress: progress) : known
            // A project's settings change neither the base nor what is fetched for it.
            async let project = store.project(of: known.id)
            let base = try await repositories.base(of: fetched, requested: request.base, typed: request.repository)
            try await repositories.requireFiles(of: base, in: fetched)
            let submodules = Submodules(repositories: repositories, repository: fetched)
            try await submodules.noteEmpty(in: base.commit, progress: progress)
            _ = try await submodules.fetch(base.commit, progress: progress)
            try await LargeFiles(repositories: repositories, repository: fetched)
                .fetch(base.commit, progress: progress)
            fetched.settings = fetched.settings.completed(by: try await project)
            return (fetched, base, isDirty)
        }
        let scripts =
            request.preparesEnvironment ? try await ScriptFinder(repository, home: home).find(base, on: lane) : nil
        let place = WorkflowPlace(repository: repository, base: base)
        let workflow = try await workflows.startable(
            request.workflow ?? repository.settings.workflow ?? "default", in: place)
        let called = try await workflows.called(by: workflow.definition, in: place)
        let plan = try RunPlan(
            request, workflow: workflow, called: called, repository: repository, base: base, scripts: scripts,
            settings: settings)
        var new = try await newTask(request, prompt, plan, repository)
        new.after = after
        return TaskTemplate(
            task: new, workflow: plan.workflow.definition, repository: repository, isDirty: isDirty)
    }

    /// Asks for the task once more only when it is sure that a lost answer was no yes.
    func create(_ new: NewTask) async throws -> CreatedTask {
        for attempt in 0..<20 {
            do {
                if attempt > 0, let known = try await store.createdTask(new.runID) { return known }
                return try await store.createTask(new)
            } catch  where DatabaseAbsence.explains(error) {
                try await Task.sleep(for: .milliseconds(250))
                try? await reviveDatabase()
            }
        }
        return try await store.createTask(new)
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
        let version = try await frozenVersion(plan.workflow)
        return NewTask(
            repositoryID: repository.id, title: request.title ?? Workspace.title(of: prompt), prompt: prompt,
            labels: request.labels, priority: request.priority, stage: request.stage, afterRule: request.afterRule,
            source: "shell", workflowVersionID: version, context: try plan.context.json(),
            steps: plan.definition.newSteps(setupKey: plan.setupKey),
            agent: plan.context.agents.defaultAgent, host: repository.isLocal ? HostIdentity.hostname : nil)
    }

    private func frozenVersion(_ workflow: WorkflowCatalog.Found) async throws -> WorkflowVersionID {
        if let known = workflow.frozen { return known }
        return try await store.freezeWorkflow(
            name: workflow.name, source: workflow.source, definition: try JSONValue(encoding: workflow.definition),
            author: settings.environment["USER"] ?? "runner", origin: workflow.kind
        ).0
    }

    /// The first line with something in it, in its first 200 letters.
    static func title(of prompt: String) -> String {
        let lines = prompt.split(whereSeparator: \.isNewline).lazy.map { $0.trimmingCharacters(in: .whitespaces) }
        let line = (lines.first { !$0.isEmpty } ?? "task").prefix(200)
        // A letter can be made of any number of scalars, and the database counts these.
        return String(String.UnicodeScalarView(line.unicodeScalars.prefix(1000)))
    }

    func tellUncommitted(_ template: TaskTemplate, progress: ProgressHandler) async {
        guard await template.isDirty.value else { return }
        progress(.note("uncommitted changes in \(template.repository.url) are not part of the task"))
    }
}
