import Foundation
import Glibc
import RunnerCore
import Store

/// Runs a task's tear-down in its worktree, before that is saved and removed.
struct Teardown: Sendable {
    let workspace: Workspace

    /// Nothing that clears up is waited for longer.
    static let limit = Duration.seconds(300)

    /// Runs the script to its end; returns why it failed, nil when all is well or there is none.
    ///
    /// One that a crash interrupted is adopted or begun again. The text is the one that the run began with, not what
    /// the worktree holds by now.
    func run(_ environment: EnvironmentRecord) async throws -> String? {
        guard let run = try await workspace.store.latestRun(of: environment.taskID),
            let script = try RunContext(run.context).scripts?.teardown
        else { return nil }
        let folder = folder(of: environment)
        let launcher = try workspace.shim()
        let running: RunningAttempt
        if access(folder + "/lock", F_OK) == 0 {
            running = try launcher.adopt(folder)
        } else {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw StepFiles.failure(folder) }
            let files = StepFiles(folder: folder)
            try files.write(Array(script.utf8), to: files.script)
            running = try launcher.launch(try spec(environment, files), in: folder)
        }
        for await _ in running.outputGrew {}
        let exit = try await running.waitForExit()
        let output = String(
            decoding: (StepFiles.read(folder + "/stdout", limit: 1 << 20) ?? []).suffix(2048), as: UTF8.self)
        try? FileManager.default.removeItem(atPath: folder)
        let problem = Teardown.problem(exit)
        try await workspace.store.recordEvent(
            task: environment.taskID, kind: "environment.torn_down",
            detail: .object([
                "error": problem.map(JSONValue.string) ?? .null,
                "output": .string(Redaction.redactCredentials(in: output)),
            ]))
        return problem
    }

    /// Ends one that a killed janitor has left at work, as nobody else may be in the worktree then; the next removal begins
    /// it anew.
    func abandon(_ environment: EnvironmentRecord) async {
        let folder = folder(of: environment)
        guard access(folder, F_OK) == 0 else { return }
        if ShimLauncher.isSupervised(folder) { await workspace.rescuer.end(folder) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Beside the folders of attempts.
    static func folderName(_ environment: EnvironmentRecord) -> String { "teardown-\(environment.id)" }

    private func folder(of environment: EnvironmentRecord) -> String {
        workspace.home.attempt(Teardown.folderName(environment))
    }

    private func spec(_ environment: EnvironmentRecord, _ files: StepFiles) throws -> AttemptSpec {
        let ports = PortBlock.variables(environment.ports, project: PortBlock.project(of: environment))
        let values = StepEnvironment.allowed(
            from: workspace.settings.environment,
            declared: ports.merging([
                "CI": "true", "RUNNER_BRANCH": environment.branch, "RUNNER_BASE_COMMIT": environment.baseCommit,
            ]) { $1 })
        let shell = ProgramPath.find("bash", on: values["PATH"]).map {
            [$0, "--noprofile", "--norc", "-eo", "pipefail"]
        }
        var spec = AttemptSpec(
            id: Teardown.folderName(environment), arguments: (shell ?? ["/bin/sh", "-e"]) + [files.script],
            environment: values, directory: environment.worktreePath, mergesStandardError: true,
            wallTimeout: Teardown.limit, outputCap: 1 << 20, stopStages: [.terminate()])
        spec.openFiles = CallerLimits.openFiles(in: workspace.settings.environment)
        return spec
    }

    private static func problem(_ exit: AttemptExit) -> String? {
        if exit.reason == .exited, exit.exitCode == 0 { return nil }
        if let error = exit.error { return error }
        if exit.reason == .timedOutWall { return "it took longer than \(DurationText.format(limit))" }
        return exit.exitCode.map { "exit status \($0)" } ?? exit.signal.map { "signal \($0)" } ?? exit.reason.rawValue
    }
}
