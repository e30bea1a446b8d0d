import Agents
import BlockingIO
import Foundation
import Git
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

    /// How long an agent may stay after it said that it is done.
    static let lingerLimit: TimeInterval = 30

    /// Runs the attempt to its end; a failing program is an outcome, not an error.
    func run(_ job: StepJob, progress: @escaping ProgressHandler, cancellation: Cancellation) async throws
        -> StepOutcome
    {
        let folder = home.attempt(job.attempt.id.description)
        let command: StepCommand
        do {
            command = try StepCommand.prepare(job, folder: folder, callerEnvironment: callerEnvironment)
        } catch let error as EngineError where error.code != .diskFull && error.code != .homeUnusable {
            return try await failedBeforeStart(job, error.description)
        } catch let error as TemplateError {
            return try await failedBeforeStart(job, "\(error)")
        } catch let error as AgentsError {
            return try await failedBeforeStart(job, error.description)
        }
        let running: RunningAttempt
        do {
            running = try launcher.launch(command.spec, in: folder)
        } catch let error as ShimError where error.code == 0 {
            // A value that no process can be given, such as a NUL in an output of an earlier step.
            return try await failedBeforeStart(job, "it could not be started: \(error)")
        }
        let ticket = cancellation.observe { try? running.cancel(hard: $0 == .hard) }
        defer { cancellation.forget(ticket) }
        var pump = OutputPump(
            attempt: job.attempt.id, folder: folder, decoder: command.decoder, store: store,
            activity: { progress(.stepActivity(job.record, $0)) })
        let lingering = Lingering()
        let exit: AttemptExit
        do {
            for await _ in running.outputGrew {
                try await pump.drain()
                if pump.resultSeenAt != nil { lingering.begin(running, after: StepRunner.lingerLimit) }
            }
            exit = try await running.waitForExit()
            lingering.end()
            try await pump.drain()
        } catch {
            // Nobody would watch its processes any more.
            try? running.cancel(hard: true)
            _ = try? await running.waitForExit()
            throw error
        }
        await pump.append(command.reports, home: command.spec.environment["HOME"])
        await pump.finish()
        var outcome = try await judge(job, command, pump, exit, wasLingering: lingering.wasStopped)
        outcome = try await AttemptCommit(job: job, home: home, lane: lane, author: author).commit(outcome)
        try? FileManager.default.removeItem(atPath: folder)
        return outcome
    }

    private func failedBeforeStart(_ job: StepJob, _ reason: String) async throws -> StepOutcome {
        var attempt = job.attempt
        attempt.status = .failed
        attempt.error = reason
        let outcome = StepOutcome(
            attempt: attempt, tools: [],
            result: StepResult(stepKey: job.step.id, status: .failed, failureClass: .permanent, error: reason),
            facts: StepFacts(status: .failed, error: reason))
        return try await AttemptCommit(job: job, home: home, lane: lane, author: author).commit(outcome)
    }

    private func judge(
        _ job: StepJob, _ command: StepCommand, _ pump: OutputPump, _ exit: AttemptExit, wasLingering: Bool
    ) async throws -> StepOutcome {
        let judge = AttemptJudge(step: job.step, exit: exit)
        var attempt = job.attempt
        attempt.agent = command.agent
        attempt.exitCode = exit.exitCode
        attempt.signal = exit.signal
        attempt.durationMilliseconds = exit.durationMilliseconds
        attempt.outputBytes = exit.stdoutTotal + exit.stderrTotal
        var verdict: AttemptJudge.Verdict
        var tools: [ToolExecution] = []
        var text: String? = String(decoding: pump.tail, as: UTF8.self)
        var priceFailure: String?
        if var decoder = pump.decoder {
            let agentExit = AgentExit(status: exit.exitCode, signal: exit.signal, wasLingering: wasLingering)
            let outcome = decoder.finish(agentExit, at: Date())
            verdict = judge.agent(outcome, wasLingering: wasLingering)
            tools = outcome.tools
            text = outcome.finalText
            attempt.agentSessionID = outcome.sessionID
            attempt.model = outcome.model
            attempt.usage = outcome.usage
            let prices = PriceCatalog(environment: callerEnvironment)
            attempt.costUSD = UsageEntry.cost(of: outcome, prices: prices.table)
            priceFailure = prices.failure
        } else {
            verdict = judge.script()
        }
        let outputs = readOutputs(command, into: &verdict)
        let remarks = remarks(exit, logFailure: pump.logFailure) + [priceFailure].compactMap { $0 }
        if !remarks.isEmpty {
            verdict.error = ([verdict.error].compactMap { $0 } + remarks).joined(separator: "; ")
        }
        attempt.status = verdict.status
        attempt.error = verdict.error
        let summary = StepFiles.read(command.summaryPath, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
        let facts = StepFacts(
            status: .running, exitCode: exit.exitCode, outputs: outputs,
            summary: summary.flatMap { $0.isEmpty ? nil : $0 },
            result: text.flatMap { $0.isEmpty ? nil : $0 }, error: verdict.error)
        let result = StepResult(
            stepKey: job.step.id, status: verdict.status, failureClass: verdict.failureClass, retryAt: verdict.retryAt,
            error: verdict.error)
        return StepOutcome(attempt: attempt, tools: tools, result: result, facts: facts)
    }

    /// What a person should know beside how the attempt ended.
    private func remarks(_ exit: AttemptExit, logFailure: String?) -> [String] {
        var remarks: [String] = []
        if let failure = logFailure ?? exit.outputError {
            remarks.append("some of its output was not kept: \(failure)")
        } else if exit.isTruncated {
            let missing = exit.stdoutTotal + exit.stderrTotal - exit.stdoutBytes - exit.stderrBytes
            remarks.append(
                "the last \(missing) bytes of its output were not kept: the limit is \(StepCommand.outputCap)")
        }
        if exit.survivorsLeft > 0 { remarks.append("\(exit.survivorsLeft) of its processes could not be ended") }
        return remarks
    }

    /// A malformed output file fails a step that otherwise succeeded: what depends on it would go wrong later.
    private func readOutputs(_ command: StepCommand, into verdict: inout AttemptJudge.Verdict) -> [String: String] {
        guard let bytes = StepFiles.read(command.outputPath, limit: StepOutput.sizeLimit + 1) else { return [:] }
        do {
            return try StepOutput.parse(bytes)
        } catch {
            if verdict.status == .succeeded {
                verdict = AttemptJudge.Verdict(status: .failed, error: error.description)
            }
            return [:]
        }
    }
}
