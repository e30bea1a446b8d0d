import Agents
import CPlatform
import Foundation
import Glibc
import RunnerCore

/// The process of one attempt, and the files it is given.
struct StepCommand: Sendable {
    let spec: AttemptSpec
    /// Nil for scripts.
    let agent: String?
    let decoder: (any AgentDecoder)?
    /// Files that the agent leaves, to be read after its end.
    let reports: [AgentReport]
    /// What the attempt was begun with.
    let start: AgentStart
    let outputPath: String
    let summaryPath: String

    /// What a step may take when it says nothing: 6 hours, as GitHub Actions has it.
    static let defaultTimeout = Duration.seconds(6 * 3600)
    /// How long an agent may stay silent when its step says nothing.
    static let defaultAgentIdle = Duration.seconds(30 * 60)
    /// Bytes kept of each stream; the rest is counted.
    static let outputCap = 64 << 20

    /// Writes the files into the attempt's folder, which it makes.
    ///
    /// `extra` are further variables of the step.
    static func prepare(
        _ job: StepJob, folder: String, extra: [String: String] = [:], callerEnvironment: [String: String]
    ) throws -> StepCommand {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw EngineError.system("the folder \"\(folder)\" cannot be made", errno: errno)
        }
        let files = StepFiles(folder: folder)
        try files.write([], to: files.output)
        try files.write([], to: files.summary)
        try files.write(Array(job.task.prompt.utf8), to: files.task)
        guard mkdir(files.artifacts, 0o700) == 0 || errno == EEXIST else { throw StepFiles.failure(files.artifacts) }
        let declared = try job.context.environment(of: job.step, in: job.definition)
            .merging(environment(job, files: files)) { $1 }.merging(extra) { $1 }
        switch job.step.body {
        case .script(let body):
            return try script(body, job, files, StepEnvironment.allowed(from: callerEnvironment, declared: declared))
        case .agent(let body):
            return try agent(body, job, files, declared: declared, callerEnvironment: callerEnvironment)
        case .approval, .group, .tool, .candidate, .task:
            throw EngineError(.internalFault, "step \"\(job.step.id)\" has nothing to run", hint: nil)
        }
    }

    /// What is needed to go on with an attempt whose process was started before: no file is written.
    static func resumed(_ job: StepJob, folder: String, callerEnvironment: [String: String]) throws -> StepCommand {
        let files = StepFiles(folder: folder)
        var (agent, decoder): (String?, (any AgentDecoder)?)
        var reports: [AgentReport] = []
        if case .agent(let body) = job.step.body {
            let chosen = try job.chosen(body)
            let adapter = try AgentCatalog.adapter(chosen.name)
            let request = request(
                chosen, job, files, prompt: (try? job.prompt(body)) ?? body.prompt, callerEnvironment)
            (agent, decoder) = (chosen.name, adapter.makeDecoder(for: request, timeZone: .current))
            reports = (try? adapter.launch(request))?.reports ?? []
        }
        let spec = AttemptSpec(
            id: job.attempt.id.description, arguments: [],
            environment: callerEnvironment.filter { $0.key == "HOME" }, directory: job.environment.worktreePath)
        return StepCommand(
            spec: spec, agent: agent, decoder: decoder, reports: reports, start: AgentStart(job.attempt),
            outputPath: files.output, summaryPath: files.summary)
    }

    /// The same for every worker: the attempt's id is the session that the agent is asked to use.
    private static func request(
        _ chosen: ChosenAgent, _ job: StepJob, _ files: StepFiles, prompt: String,
        _ callerEnvironment: [String: String]
    ) -> AgentRequest {
        let start = AgentStart(job.attempt)
        let resume = start.resume
        var options = chosen.options
        if let usd = start.budget?.leftUSD, let key = (try? AgentCatalog.adapter(chosen.name))?.budgetOption {
            options[key] = .number(usd)
        }
        return AgentRequest(
            prompt: prompt, promptFile: files.prompt, outputFolder: files.agent, model: chosen.model,
            worktree: job.environment.worktreePath, resumeSessionID: resume?.session,
            sessionID: job.attempt.id.description,
            options: options,
            isRoot: geteuid() == 0, isSandboxed: callerEnvironment["IS_SANDBOX"] == "1", baseline: resume?.baseline)
    }

    private static func script(
        _ body: ScriptBody, _ job: StepJob, _ files: StepFiles, _ environment: [String: String]
    ) throws -> StepCommand {
        try files.write(Array(body.text.utf8), to: files.script)
        let bash = body.shell == .sh ? nil : ProgramPath.find("bash", on: environment["PATH"])
        if body.shell == .bash, bash == nil {
            throw EngineError(.programMissing, "bash is not on PATH", hint: "install it, or use shell: sh")
        }
        // The options of GitHub Actions: the first failing command ends the script, also inside a pipe.
        let shell = bash.map { [$0, "--noprofile", "--norc", "-eo", "pipefail"] } ?? ["/bin/sh", "-e"]
        let spec = AttemptSpec(
            id: job.attempt.id.description, arguments: shell + [files.script], environment: environment,
            directory: job.environment.worktreePath, mergesStandardError: true,
            wallTimeout: job.wallTimeout, idleTimeout: job.step.idleTimeout, outputCap: outputCap,
            stopStages: [.terminate()])
        return StepCommand(
            spec: spec, agent: nil, decoder: nil, reports: [], start: AgentStart(job.attempt),
            outputPath: files.output, summaryPath: files.summary)
    }

    private static func agent(
        _ body: AgentBody, _ job: StepJob, _ files: StepFiles, declared: [String: String],
        callerEnvironment: [String: String]
    ) throws -> StepCommand {
        let chosen = try job.chosen(body)
        let adapter = try AgentCatalog.adapter(chosen.name)
        let prompt = AgentStart(job.attempt).prompt(try job.prompt(body))
        try files.write(Array(prompt.utf8), to: files.prompt)
        // Beside the shim's own files, not among them.
        guard mkdir(files.agent, 0o700) == 0 || errno == EEXIST else { throw StepFiles.failure(files.agent) }
        let request = request(chosen, job, files, prompt: prompt, callerEnvironment)
        let launch = try adapter.launch(request)
        let environment = environment(of: launch, declared: declared, callerEnvironment)
        if let input = launch.stdin { try files.write(Array(input), to: files.input) }
        let spec = AttemptSpec(
            id: job.attempt.id.description, arguments: try driver(of: launch) + launch.argv,
            environment: environment, directory: job.environment.worktreePath,
            standardInput: launch.stdin == nil ? nil : files.input,
            mergesStandardError: launch.mergesStderr, wallTimeout: job.wallTimeout,
            idleTimeout: job.step.idleTimeout ?? defaultAgentIdle, outputCap: outputCap,
            stopStages: launch.interrupt == .interrupt ? [.interrupt(), .terminate()] : [.terminate()])
        return StepCommand(
            spec: spec, agent: chosen.name, decoder: adapter.makeDecoder(for: request, timeZone: .current),
            reports: launch.reports, start: AgentStart(job.attempt), outputPath: files.output,
            summaryPath: files.summary)
    }

    /// What has to stand before the command line of an agent that must be talked to: this program.
    private static func driver(of launch: AgentLaunch) throws -> [String] {
        guard launch.speaksACP else { return [] }
        guard let own = ProgramPath.own else {
            throw EngineError(
                .programMissing, "the program runner cannot be found", hint: "look whether /proc is there")
        }
        return [own, "agent", "talk", "--"]
    }

    private static func environment(
        of launch: AgentLaunch, declared: [String: String], _ callerEnvironment: [String: String]
    ) -> [String: String] {
        let inherited = callerEnvironment.filter { launch.inherits($0.key) }
        return StepEnvironment.allowed(
            from: callerEnvironment,
            declared: inherited.merging(launch.environment) { $1 }.merging(declared) { $1 })
    }

    /// The account that an agent's step will work for; nil when its process cannot be described.
    static func account(
        agent name: String, options: [String: JSONValue], declared: [String: String],
        callerEnvironment: [String: String]
    ) -> String? {
        // What a prompt says changes nothing about the account.
        let request = AgentRequest(
            prompt: "-", promptFile: "/", outputFolder: "/", worktree: "/", options: options, isSandboxed: true)
        guard let launch = try? AgentCatalog.adapter(name).launch(request) else { return nil }
        return AgentAccount.name(
            agent: name, launch: launch,
            environment: environment(of: launch, declared: declared, callerEnvironment))
    }

    /// What every step finds in its environment; docs/workflows.md lists it.
    private static func environment(_ job: StepJob, files: StepFiles) -> [String: String] {
        var values = [
            "CI": "true",
            "RUNNER_TASK_NUMBER": String(job.task.number),
            "RUNNER_TASK_TITLE": job.task.title,
            "RUNNER_TASK_PROMPT_FILE": files.task,
            "RUNNER_RUN_NUMBER": String(job.run.number),
            "RUNNER_STEP_ID": job.step.id,
            "RUNNER_BASE_COMMIT": job.environment.baseCommit,
            "RUNNER_BRANCH": job.environment.branch,
            "RUNNER_OUTPUT": files.output,
            "RUNNER_STEP_SUMMARY": files.summary,
            "RUNNER_ARTIFACTS": files.artifacts,
        ]
        values.merge(job.context.turn.environment) { $1 }
        if let candidates = job.candidates {
            values["RUNNER_CANDIDATES"] = (try? JSONValue(encoding: candidates).plainText) ?? "[]"
        }
        if let rework = job.rework, rework.utf8.count < 120 << 10 { values["RUNNER_REWORK"] = rework }
        values.merge(PortBlock.variables(job.environment.ports, project: PortBlock.project(of: job.environment))) { $1 }
        // Linux takes no longer value than 128 KiB; the file always has it all.
        if job.task.prompt.utf8.count < 120 << 10 { values["RUNNER_TASK_PROMPT"] = job.task.prompt }
        for (name, value) in job.context.inputs {
            let key = name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
            values["RUNNER_INPUT_" + String(key)] = value.stringValue ?? StepCommand.text(of: value)
        }
        return values
    }

    private static func text(of value: JSONValue) -> String {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
