import Agents
import Foundation
import Glibc
import RunnerCore
import Store
import Synchronization

/// Has an agent do a tiny task in a scratch repository, by the same way as `runner start`, and looks at what it did.
package struct AgentTrial: Sendable {
    private let settings: RunnerSettings
    private let agent: String
    private let model: String?
    private let command: String?
    private let timeout: Duration

    /// `command` is the command line of the agent `command`; `timeout` is the agent's.
    package init(
        settings: RunnerSettings, agent: String, model: String?, command: String?, timeout: Duration
    ) {
        self.settings = settings
        self.agent = agent
        self.model = model
        self.command = command
        self.timeout = timeout
    }

    private static let file = "runner-agent-test.txt"

    /// Throws for an unknown agent and where nothing can be begun; a failing agent is a report.
    ///
    /// Nothing is left of it, neither files nor processes; the user's own data folder is not touched.
    package func run(progress: @escaping ProgressHandler, cancellation: Cancellation) async throws -> AgentTrialReport {
        let adapter = try AgentCatalog.adapter(agent)
        var report = AgentTrialReport(agent: agent, model: model)
        guard await look(for: adapter, &report) else { return report }
        let environment = settings.environment
        let folder = try await AgentTrialFolder.make(environment: environment)
        do {
            try await attempt(adapter, in: folder, &report, progress, cancellation)
        } catch {
            await folder.remove(environment)
            throw error
        }
        await folder.remove(environment)
        return report
    }

    /// False when there is no point in going on.
    private func look(for adapter: any AgentAdapter, _ report: inout AgentTrialReport) async -> Bool {
        guard let probe = adapter.versionProbe else {
            let program = adapter.program
            let path = program.flatMap { ProgramPath.find($0, on: settings.environment["PATH"]) }
            report.isProgramMissing = program != nil && path == nil
            report.add(
                "program", report.isProgramMissing ? .failed : .passed,
                path ?? (program.map { "there is no \"\($0)\" on PATH" } ?? "a command line"))
            return !report.isProgramMissing
        }
        switch await VersionProbe(environment: settings.environment).ask(probe) {
        case .notFound:
            report.isProgramMissing = true
            let advice = adapter.installation.map { "; \($0)" } ?? ""
            report.add("program", .failed, "there is no \"\(probe.first ?? "")\" on PATH\(advice)")
            return false
        case .failed(let reason, _): report.add("program", .failed, reason)
        case .version(let line, let path):
            report.version = line
            report.add("program", .passed, "\(path), \(line)")
        }
        return true
    }

    private func attempt(
        _ adapter: any AgentAdapter, in folder: AgentTrialFolder, _ report: inout AgentTrialReport,
        _ progress: @escaping ProgressHandler, _ cancellation: Cancellation
    ) async throws {
        let inner = try folder.settings(settings.environment)
        try await folder.makeRepository(settings.environment)
        let workflow = folder.path + "/agent-test.yaml"
        let text = """
            name: agent-test
            steps:
              - id: work
                agent: default
                prompt: '{{ task.prompt }}'
                timeout: \(Int(timeout / .seconds(1)))s
                max-attempts: 1

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: workflow))
        // The keeper of the database is another process and learns from these where it is.
        for name in ["RUNNER_HOME", "RUNNER_STORAGE"] { setenv(name, inner.environment[name] ?? "", 1) }
        unsetenv("RUNNER_DATABASE_URL")
        let workspace = try await Workspace.open(inner)
        let wanted = "runner agent test \(UInt32.random(in: 0...UInt32.max))"
        let request = StartRequest(
            repository: folder.repository,
            prompt: "Create the file \(Self.file) in the current folder. Its only content is this line, exactly:\n\n"
                + "\(wanted)\n\nCreate nothing else, and stop then.",
            title: "agent test", workflow: workflow, agent: agent, agentCommand: command, model: model, fetches: false,
            preparesEnvironment: false)
        let wait = Mutex<String?>(nil)
        do {
            let result = try await workspace.start(
                request,
                progress: { event in
                    // A limit would be waited for, perhaps for days.
                    if case .waiting(_, let reason) = event {
                        wait.withLock { $0 = reason ?? "it has to wait" }
                        cancellation.request()
                    }
                    progress(event)
                }, cancellation: cancellation)
            let limit = wait.withLock { $0 }
            if result.status == .cancelled, limit == nil { throw CancellationError() }
            try await judge(result, limit: limit, adapter, wanted, workspace, &report)
        } catch {
            await workspace.close()
            throw error
        }
        await workspace.close()
    }

    private func judge(
        _ result: RunResult, limit: String?, _ adapter: any AgentAdapter, _ wanted: String, _ workspace: Workspace,
        _ report: inout AgentTrialReport
    ) async throws {
        let store = workspace.store
        guard let run = try await store.latestRun(of: result.task.id),
            let attempt = try await store.attempts(of: run.id).last
        else { return report.add("started", .failed, result.error ?? limit ?? "no attempt was begun") }
        let tools = try await store.toolExecutions(of: attempt.id)
        report.model = attempt.model ?? model
        report.tokens = attempt.usage
        report.costUSD = attempt.costUSD
        let reports = adapter.facts.reports
        let isStarted =
            attempt.durationMilliseconds != nil && ![126, 127].contains(attempt.exitCode)
            && (attempt.exitCode == 0 || (attempt.outputBytes ?? 0) > 0)
        report.add("started", isStarted ? .passed : .failed, isStarted ? "it ran" : attempt.error ?? "it did not run")
        report.add(
            "session", seen: attempt.agentSessionID != nil, reports.contains(.sessions),
            attempt.agentSessionID ?? "no session was seen")
        report.add(
            "tools", seen: !tools.isEmpty, reports.contains(.tools),
            tools.isEmpty ? "no tool was used" : tools.map(\.name).joined(separator: ", "))
        let (isMade, said) = try await file(wanted, result.task, store)
        report.add("file", isMade ? .passed : .failed, said)
        report.add(
            "tokens", seen: attempt.usage != nil, reports.contains(.tokens),
            attempt.usage.map { "\($0.input + $0.cacheRead + $0.cacheWrite) in, \($0.output) out" } ?? "none recorded")
        report.add(
            "cost", seen: attempt.costUSD != nil, reports.contains(.cost),
            attempt.costUSD.map { "$\($0)" } ?? "unpriced")
        let isEnded = attempt.status == .succeeded
        report.add(
            "end", isEnded ? .passed : .failed,
            limit ?? attempt.error ?? result.error ?? (isEnded ? "it said that it is done" : attempt.status.rawValue))
    }

    private func file(_ wanted: String, _ task: TaskRecord, _ store: Store) async throws -> (Bool, String) {
        guard let environment = try await store.environment(of: task.id),
            let bytes = StepFiles.read("\(environment.worktreePath)/\(Self.file)", limit: 4096)
        else { return (false, "\(Self.file) was not made") }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text == wanted || text == wanted + "\n" || text == wanted + "\r\n" else {
            return (false, "\(Self.file) was made, but holds something else than what was asked for")
        }
        return (true, "\(Self.file) holds what was asked for")
    }
}

extension AgentTrialReport {
    /// What was not seen is a failure only of an agent that tells such things.
    fileprivate mutating func add(_ name: String, seen: Bool, _ isTold: Bool, _ detail: String) {
        add(name, seen ? .passed : isTold ? .failed : .missing, seen || isTold ? detail : "it never tells")
    }
}
