import Agents
import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Runs one attempt: starts its process under the shim, carries its output, judges its end, commits its work.
struct StepRunner: Sendable {
    let home: RunnerHome
    let store: Store
    let launcher: ShimLauncher
    let lane: BlockingLane
    let callerEnvironment: [String: String]
    let author: CommitAuthor
    let control: RunControl
    let cause: WalkCause
    /// The file of this host's `LifeLine`, where there is one.
    let lifeLine: String?
    let prices: PriceTable

    /// How long an agent may stay after it said that it is done, in seconds; `RUNNER_LINGER_SECONDS`.
    private var lingerLimit: TimeInterval {
        callerEnvironment["RUNNER_LINGER_SECONDS"].flatMap(TimeInterval.init).map { min(max($0, 1), 3600) } ?? 30
    }

    /// Runs the attempt to its end; a failing program is an outcome, not an error.
    ///
    /// When the worker lets go of the run, or the database is away, it throws and the process goes on under its shim,
    /// unless another host may run the step by now. The attempt's folder stays; the caller removes it once the end is
    /// recorded.
    func run(_ job: StepJob, progress: @escaping ProgressHandler) async throws -> StepOutcome {
        ChaosPoint.attemptBegun.reach()
        if let limit = job.runLimit, limit.left <= .zero { return try await failedBeforeStart(job, limit.sentence) }
        let folder = home.attempt(job.attempt.id.description)
        let command: StepCommand
        do {
            command = try await played(
                job,
                StepCommand.prepare(
                    job, folder: folder, extra: setupVariables(job), callerEnvironment: environment(for: job)),
                StepFiles(folder: folder))
        } catch let error as EngineError where error.code != .diskFull && error.code != .homeUnusable {
            return try await failedBeforeStart(job, error.description)
        } catch let error as TemplateError {
            return try await failedBeforeStart(job, "\(error)")
        } catch let error as AgentsError {
            return try await failedBeforeStart(job, error.description)
        }
        try await control.confirm()
        let running: RunningAttempt
        do {
            try StepFiles(folder: folder).setOwner(fence: control.fence)
            var spec = command.spec
            spec.lifeLine = lifeLine
            spec.openFiles = CallerLimits.openFiles(in: callerEnvironment)
            running = try launcher.launch(spec, in: folder)
            ChaosPoint.shimLaunched.reach()
        } catch let error as ShimError where error.code == 0 {
            // A value that no process can be given, such as a NUL in an output of an earlier step.
            return try await failedBeforeStart(job, "it could not be started: \(error)")
        }
        return try await carry(job, command, running, known: [:], progress: progress)
    }

    /// Goes on with an attempt that was started before, whether its process lives, has ended or was lost.
    func resume(_ job: StepJob, progress: @escaping ProgressHandler) async throws -> StepOutcome {
        let folder = home.attempt(job.attempt.id.description)
        guard access(folder, R_OK | W_OK | X_OK) == 0 else {
            return try await interrupted(job, "its worker went away before it was started")
        }
        try await store.adoptAttempt(job.attempt.id, run: control.run, fence: control.fence)
        try StepFiles(folder: folder).setOwner(fence: control.fence)
        let command = try StepCommand.resumed(job, folder: folder, callerEnvironment: callerEnvironment)
        let known = try await store.keptOutput(of: job.attempt.id)
        return try await carry(job, command, try launcher.adopt(folder), known: known, progress: progress)
    }

    /// A first set-up learns whether the folders that it would fill are there.
    private func setupVariables(_ job: StepJob) -> [String: String] {
        guard job.record.kind == "setup", let scripts = job.scripts, !scripts.dependencies.isEmpty else { return [:] }
        let folders = DependencyFolders(scripts, home: home, repository: job.repository.id)
        let areReady = job.attempt.number == 1 && folders.areReady(in: job.worktree(home))
        return [DependencyFolders.variable: areReady ? "ready" : "missing"]
    }

    private func carry(
        _ job: StepJob, _ command: StepCommand, _ running: RunningAttempt, known: [LogStream: Int],
        progress: @escaping ProgressHandler
    ) async throws -> StepOutcome {
        let ticket = control.cancellation.observe { try? running.cancel(hard: $0 == .hard) }
        defer { control.cancellation.forget(ticket) }
        var pump = OutputPump(
            attempt: job.attempt.id, folder: running.directory, decoder: command.decoder, store: store, known: known,
            asks: { progress(.question(job.record, task: job.task.number, $0)) },
            activity: { progress(.stepActivity(job.record, $0)) })
        let lingering = Lingering()
        let exit: AttemptExit
        do {
            for await _ in running.outputGrew {
                try await pump.drain()
                if pump.resultSeenAt != nil { lingering.begin(running, after: lingerLimit) }
            }
            exit = try await running.waitForExit()
            ChaosPoint.attemptExited.reach()
            lingering.end()
            try await pump.drain()
            pump.read(command.reports, home: command.spec.environment["HOME"])
            try await pump.finish()
        } catch {
            lingering.end()
            await part(from: running, error)
            throw error
        }
        progress(.stepSaving(job.record))
        let outcome = try await judged(job, command, pump, exit, lingering)
        return try await AttemptCommit(job: job, home: home, lane: lane, author: author, control: control)
            .commit(outcome)
    }

    /// Decides what becomes of the processes that nobody here watches any more.
    ///
    /// What ends the walk of an attempt beside this one decides for both.
    private func part(from running: RunningAttempt, _ error: any Error) async {
        let isTaken: Bool
        switch (control.departure, cause.behind(error)) {
        case (.released, _): return
        case (.expired, _): isTaken = true
        case (.taken, _), (nil, StoreError.fenced): isTaken = await isTakenElsewhere()
        case (nil, let cause) where DatabaseAbsence.explains(cause): return
        case (nil, _): isTaken = await !isLeftToNewerProgram()
        }
        // Another worker of this host that adopted the attempt has said so in its folder.
        let owner = StepFiles(folder: running.directory).ownerFence ?? 0
        guard isTaken, owner <= control.fence else { return }
        try? running.cancel(hard: true)
        if control.departure == nil { _ = try? await running.waitForExit() }
    }

    /// Whether the run's new owner is on another host, from where it cannot adopt what runs here.
    private func isTakenElsewhere() async -> Bool {
        let (store, run) = (store, control.run)
        // Asked in a task of its own: leaving has cancelled this one.
        let host = await Task { () -> String? in
            guard let owner = try? await store.run(run).ownerSessionID else { return nil }
            return try? await store.session(owner).host
        }.value
        return host.map { $0 != HostIdentity.hostname } ?? false
    }

    /// Whether what failed is what a newer program has changed, which goes on with the run.
    private func isLeftToNewerProgram() async -> Bool {
        let store = store
        return await Task { (try? await store.isOutgrown()) == true }.value
    }

    private func failedBeforeStart(_ job: StepJob, _ reason: String) async throws -> StepOutcome {
        try await unstarted(job, .failed, .permanent, reason)
    }

    private func interrupted(_ job: StepJob, _ reason: String) async throws -> StepOutcome {
        try await unstarted(job, .interrupted, nil, reason)
    }

    private func unstarted(
        _ job: StepJob, _ status: AttemptStatus, _ failureClass: FailureClass?, _ reason: String
    ) async throws -> StepOutcome {
        try await AttemptCommit(job: job, home: home, lane: lane, author: author, control: control)
            .outcome(status, StepFacts(status: .failed, error: reason), failureClass: failureClass)
    }
}
