import Agents
import Foundation
package import RunnerCore
import Store

extension Workspace {
    /// Says something more in the session of a task's agent, in the worktree as it is: another run of the task.
    ///
    /// A worktree that was removed is restored first. Where several agents worked, the last one is meant, or that of
    /// `step`.
    package func tell(
        _ text: String, _ message: String, step: String? = nil, progress: @escaping ProgressHandler,
        cancellation: Cancellation
    ) async throws -> RunResult {
        var new = try await followUp(text, message, step: step)
        let foreground = ForegroundRun(
            workspace: self, client: "tell", progress: progress, cancellation: cancellation)
        return try await foreground.run(new.id, fence: 1) { session in
            new.owner = session
            return try await added(new, progress: progress)
        }
    }

    /// The same, but the run is left to the daemon of this host, which is started where none serves.
    package func tellDetached(
        _ text: String, _ message: String, step: String? = nil, progress: @escaping ProgressHandler
    ) async throws -> TaskRecord {
        let new = try await followUp(text, message, step: step)
        try await BackgroundDaemon(workspace: self).checkPossible()
        let task = try await store.taskDetail(new.taskID).task
        _ = try await added(new, progress: progress)
        _ = try await BackgroundDaemon(workspace: self).ensure()
        return task
    }

    private func added(_ new: NewRun, progress: ProgressHandler) async throws -> RunRecord {
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        try await restoreForRun(try await store.taskDetail(new.taskID).task, progress: progress)
        return try await store.addRun(new)
    }

    private func followUp(_ text: String, _ message: String, step: String?) async throws -> NewRun {
        try checkTools()
        if let problem = TaskText.validate(prompt: message) {
            throw EngineError(.emptyTask, "the message cannot be used: \(problem)", hint: nil)
        }
        let task = try await store.task(matching: text)
        let detail = try await store.taskDetail(task.id)
        if let open = detail.runs.last(where: { !$0.status.isTerminal }) {
            throw EngineError(
                .wrongState, "task \(task.number) is \(open.status.rawValue)",
                hint: "wait for it, or cancel it first: runner cancel \(task.number)")
        }
        let (run, body, attempt) = try await lastWord(in: detail, step: step)
        let agents = try RunContext(run.context).agents
        let chosen = try agents.chosen(body, attempt.fallbackIndex)
        let agent = chosen.name
        guard let session = attempt.agentSessionID else {
            throw EngineError(
                .wrongState, "the agent \"\(agent)\" of task \(task.number) has no session to go on with",
                hint: "start a new task, or repeat the step: runner retry \(task.number)")
        }
        let totals = try await store.sessionTotals(agent: agent, session: session)
        var context = try RunContext(run.context)
        context.inputs = ["message": .string(message)]
        context.continuation = AgentResume(
            session: session, baseline: totals.flatMap(SessionTotals.init(document:)) ?? SessionTotals())
        context.agents.model = chosen.model
        // The session is this agent's alone.
        context.agents.fallback = nil
        guard AgentCatalog.workflowNames.contains(agent) else { throw AgentCatalog.unknown(agent) }
        let (source, definition) = try Workspace.workflow(agent: agent, with: chosen.with)
        try context.agents.check(definition, path: settings.environment["PATH"])
        let (version, _) = try await store.freezeWorkflow(
            name: definition.name, source: source, definition: try JSONValue(encoding: definition),
            author: settings.environment["USER"] ?? "runner")
        return NewRun(
            taskID: task.id, workflowVersionID: version, context: try context.json(),
            steps: definition.executionOrder.map { NewStep(key: $0.id, kind: $0.kind, stage: $0.stage) })
    }

    /// The newest attempt that an agent's step ended with, in the newest run that has one.
    private func lastWord(
        in detail: TaskDetail, step: String?
    ) async throws -> (RunRecord, AgentBody, AttemptRecord) {
        for run in detail.runs.reversed() {
            let definition = try run.definition()
            let steps = try await store.steps(of: run.id)
            let attempts = try await store.attempts(of: run.id)
            for record in steps.reversed() where step == nil || record.key == step {
                guard case .agent(let body) = definition.step(record.key)?.body,
                    let attempt = attempts.last(where: { $0.stepID == record.id && $0.status != .running })
                else { continue }
                return (run, body, attempt)
            }
        }
        let what = step.map { "its step \"\($0)\"" } ?? "task \(detail.task.number)"
        throw EngineError(.wrongState, "no agent has worked on \(what) yet", hint: nil)
    }

    /// A workflow of one step that says the input `message` to the agent, with the settings of an earlier step.
    private static func workflow(
        agent: String, with options: [String: JSONValue]
    ) throws -> (source: String, definition: WorkflowDefinition) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // JSON is YAML.
        let with = String(decoding: try encoder.encode(options), as: UTF8.self)
        let name = String(decoding: try encoder.encode(agent), as: UTF8.self)
        let source = """
            name: tell
            description: Says something more in an agent's session.
            inputs:
              message:
                required: true
            steps:
              - id: tell
                agent: \(name)
                with: \(with)
                prompt: "{{ inputs.message }}"

            """
        let definition = try WorkflowParser.parse(source, file: "tell", knownAgents: AgentCatalog.workflowNames)
        return (source, definition)
    }
}
