import Foundation
import Glibc
import RunnerCore
import Store

/// Finds the daemon of this host, and starts one in the background where none serves.
struct BackgroundDaemon: Sendable {
    let workspace: Workspace

    /// A daemon that nobody started on purpose ends when there was nothing to do for so long.
    static let idleStop = Duration.seconds(600)

    /// `slots` are those of the daemon that it replaces, so that it has room for all that runs.
    static func arguments(program: String, slots: Int? = nil) -> [String] {
        [program, "serve", "--single", "--idle-stop", "\(Int(idleStop / .seconds(1)))s"]
            + (slots.map { ["--slots", String($0)] } ?? [])
    }

    /// The daemon that takes this host's runs; nil when none does.
    func serving() async throws -> SessionRecord? {
        try await workspace.store.servingSessions(host: HostIdentity.hostname).first { HostIdentity.isRunning($0) }
    }

    /// Starts a daemon unless one serves, and returns once it does; the flag tells whether it was started.
    ///
    /// `arguments` are those of the command, without the program.
    func ensure(_ arguments: [String]? = nil) async throws -> (session: SessionRecord, isNew: Bool) {
        if let session = try await serving() { return (session, false) }
        guard !isInsideStep else { throw BackgroundDaemon.stepsEndIt }
        guard let program = ProgramPath.own else {
            throw EngineError(.internalFault, "the program runner cannot be found", hint: nil)
        }
        let command = arguments ?? Array(BackgroundDaemon.arguments(program: program).dropFirst())
        let daemon = DetachedProgram(path: program, environment: workspace.settings.environment)
        var pid = try daemon.start(command, log: workspace.home.serveLog)
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let session = try await serving() { return (session, true) }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid {
                guard status == 0 else { break }
                // Another one had its turn, and may have ended by now.
                pid = try daemon.start(command, log: workspace.home.serveLog)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw EngineError(
            .storageUnavailable, "the daemon did not start", hint: "see what it said in \(workspace.home.serveLog)")
    }

    /// Whether this process is one of a step: a daemon that it started would end with that step, and with the daemon what
    /// it had taken up of other tasks.
    var isInsideStep: Bool { workspace.settings.environment[AttemptSpec.markerName] != nil }

    private static let stepsEndIt = EngineError(
        .wrongState, "no daemon serves, and one that a step starts would end with that step",
        hint: "start one outside of it: runner serve --background")

    /// Throws, before anything is made that would need one, where `ensure` would find no daemon and may start none.
    func checkPossible() async throws {
        guard isInsideStep, try await serving() == nil else { return }
        throw BackgroundDaemon.stepsEndIt
    }

    /// Starts one without waiting, for runs that nobody works on, where none serves; used in passing by other commands.
    func startForWaitingWork() async {
        guard workspace.settings.environment["RUNNER_NO_GUARD"] != "1", !isInsideStep,
            let program = ProgramPath.own, (try? await hasWork()) == true
        else { return }
        _ = try? DetachedProgram(path: program, environment: workspace.settings.environment)
            .start(Array(BackgroundDaemon.arguments(program: program).dropFirst()), log: workspace.home.serveLog)
    }

    /// Also where a worker's process has just died, so that its lease still holds.
    private func hasWork() async throws -> Bool {
        let store = workspace.store
        if try await store.hasWaitingWork(host: HostIdentity.hostname) { return true }
        guard try await store.hasRunningRuns() else { return false }
        return try await store.abandonedRuns(host: HostIdentity.hostname).contains { run, owner in
            owner.map { $0.host == HostIdentity.hostname && Rescuer.isGone($0) } ?? false
        }
    }
}
