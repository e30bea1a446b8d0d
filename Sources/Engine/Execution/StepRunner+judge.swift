import Agents
import Foundation
import RunnerCore
import Store

extension StepRunner {
    /// Makes of an exit record and of what an agent said the outcome of the attempt.
    func judge(
        _ job: StepJob, _ command: StepCommand, _ pump: OutputPump, _ exit: AttemptExit, _ lingering: Lingering
    ) throws -> StepOutcome {
        let isWished = control.cancellation.level > .none || job.run.cancelRequestedAt != nil
        // An earlier worker may have stopped an agent that stayed on after its result.
        let wasLingering = lingering.wasStopped || (exit.reason == .cancelled && !isWished && pump.resultSeenAt != nil)
        let judge = AttemptJudge(
            step: job.step, exit: exit, isCancelWished: isWished, lastWords: pump.lastWords,
            output: pump.tail, isSetup: job.record.kind == "setup", runLimit: job.runLimit)
        var attempt = job.attempt
        attempt.agent = command.agent
        attempt.exitCode = exit.exitCode
        attempt.signal = exit.signal
        attempt.durationMilliseconds = exit.durationMilliseconds
        attempt.outputBytes = exit.stdoutTotal + exit.stderrTotal
        attempt.outputSHA256 = pump.digest
        attempt.log = exit.logSize
        attempt.stop = exit.stop
        var verdict: AttemptJudge.Verdict
        var tools: [ToolExecution] = []
        var finish: AgentFinish?
        var missing: String?
        var text: String? = String(decoding: pump.tail, as: UTF8.self)
        if var decoder = pump.decoder {
            let agentExit = AgentExit(status: exit.exitCode, signal: exit.signal, wasLingering: wasLingering)
            let outcome = decoder.finish(agentExit, at: Date())
            verdict = judge.agent(outcome, wasLingering: wasLingering)
            tools = outcome.tools
            text = outcome.finalText
            missing = MissingKeys(command, callerEnvironment: callerEnvironment)?.hint(after: outcome)
            attempt.agentSessionID = outcome.sessionID
            attempt.model = outcome.model
            attempt.usage = outcome.usage
            attempt.costUSD = UsageEntry.cost(of: outcome, prices: prices)
            // What it went on with is not there: the step begins anew, and this try does not count.
            if outcome.kind == .unknownSession, command.start.resume != nil, verdict.status == .failed {
                verdict = AttemptJudge.Verdict(status: .interrupted, error: outcome.reason)
                attempt.agentSessionID = nil
            }
            // What the runner bounded is waited for, as if the next step had met the same budget.
            if outcome.kind == .maxBudget, command.start.budget != nil, verdict.status == .failed {
                verdict.failureClass = .budget
            }
            finish = try agentFinish(command, outcome, verdict, reports: pump.reports)
        } else {
            verdict = judge.script()
        }
        var remarks = [missing].compactMap { $0 } + remarks(exit, pump)
        let outputs = readOutputs(command, into: &verdict, &remarks)
        let summary = StepFiles.read(command.summaryPath, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
        if summary == nil, verdict.isEnd {
            remarks.append(lost("RUNNER_STEP_SUMMARY", StepFiles.replacement(at: command.summaryPath)))
        }
        if !remarks.isEmpty {
            verdict.error = ([verdict.error].compactMap { $0 } + remarks).joined(separator: "; ")
        }
        attempt.status = verdict.status
        attempt.error = verdict.error
        if verdict.status == .failed {
            attempt.failureClass = verdict.failureClass
            attempt.retryAt = verdict.retryAt
        }
        let facts = StepFacts(
            status: .running, exitCode: exit.exitCode, outputs: outputs,
            summary: summary.flatMap { $0.isEmpty ? nil : $0 },
            result: text.flatMap { $0.isEmpty ? nil : $0 }, error: verdict.error)
        let result = StepResult(
            stepKey: job.step.id, status: verdict.status, failureClass: verdict.failureClass, retryAt: verdict.retryAt,
            error: verdict.error)
        return StepOutcome(attempt: attempt, tools: tools, result: result, facts: facts, agent: finish)
    }

    /// The agent's side of the record.
    private func agentFinish(
        _ command: StepCommand, _ outcome: AgentOutcome, _ verdict: AttemptJudge.Verdict, reports: [UInt8]
    ) throws -> AgentFinish {
        var finish = AgentFinish(
            agent: command.agent ?? "", account: command.start.account, resumedSession: command.start.resume?.session,
            baseline: try command.start.resume.map { try JSONValue(encoding: $0.baseline) },
            totals: try outcome.sessionTotals.map { try JSONValue(encoding: $0) },
            reports: reports.isEmpty ? nil : String(decoding: reports, as: UTF8.self), turns: outcome.turns,
            retries: outcome.retries, prices: prices.version,
            usage: UsageEntry.entries(of: outcome, prices: prices))
        if verdict.status == .failed, verdict.failureClass == .limit, let end = verdict.retryAt {
            finish.limit = AgentFinish.Limit(
                delay: .seconds(max(end.timeIntervalSinceNow, 0)), reason: verdict.error ?? "limit")
        }
        return finish
    }

    /// What a person should know beside how the attempt ended.
    private func remarks(_ exit: AttemptExit, _ pump: OutputPump) -> [String] {
        var remarks: [String] = []
        if let failure = pump.logFailure ?? exit.outputError {
            remarks.append("some of its output was not kept: \(failure)")
        } else if exit.isTruncated {
            remarks.append(
                "\(exit.logSize.missing) bytes from the middle of its output were not kept: "
                    + "the limit is \(StepCommand.outputCap)")
        }
        if pump.undecoded > 0 { remarks.append("\(pump.undecoded) bytes came too fast to be understood") }
        if exit.survivorsLeft > 0 { remarks.append("\(exit.survivorsLeft) of its processes could not be ended") }
        return remarks
    }

    /// A malformed output file, or something else in its place, fails a step that otherwise succeeded: what depends on
    /// it would go wrong later. One that is gone may have held nothing.
    private func readOutputs(
        _ command: StepCommand, into verdict: inout AttemptJudge.Verdict, _ remarks: inout [String]
    ) -> [String: String] {
        guard let bytes = StepFiles.read(command.outputPath, limit: StepOutput.sizeLimit + 1) else {
            let replacement = StepFiles.replacement(at: command.outputPath)
            if verdict.status == .succeeded, replacement != nil {
                verdict = AttemptJudge.Verdict(status: .failed, error: lost("RUNNER_OUTPUT", replacement))
            } else if verdict.isEnd {
                remarks.append(lost("RUNNER_OUTPUT", replacement))
            }
            return [:]
        }
        do {
            return try StepOutput.parse(bytes)
        } catch {
            if verdict.status == .succeeded {
                verdict = AttemptJudge.Verdict(status: .failed, error: error.description)
            }
            return [:]
        }
    }

    private func lost(_ variable: String, _ replacement: String?) -> String {
        guard let replacement else { return "\(variable) was deleted: what it held is lost" }
        return "there is \(replacement) in the place of \(variable): what it held is lost"
    }
}

extension AttemptJudge.Verdict {
    /// Whether the step's program came to an end of its own; what else stopped it may have taken its files away.
    fileprivate var isEnd: Bool { status == .succeeded || status == .failed }
}
