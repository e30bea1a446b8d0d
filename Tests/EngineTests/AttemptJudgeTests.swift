import Agents
import Foundation
import RunnerCore
import Testing

@testable import Engine

@Suite struct AttemptJudgeTests {
    private static let plain = WorkflowStep(id: "one", body: .script(ScriptBody(text: "true")))

    private static func exit(
        _ reason: AttemptExit.Reason, code: Int? = nil, signal: Int? = nil, error: String? = nil
    ) -> AttemptExit {
        AttemptExit(
            reason: reason, exitCode: code, signal: signal, stopStages: 0, stopSignal: nil, survivorsKilled: 0,
            survivorsLeft: 0, stdoutBytes: 0, stdoutTotal: 0, stderrBytes: 0, stderrTotal: 0, outputError: nil,
            error: error, errorCode: nil, startedMilliseconds: 0, endedMilliseconds: 0, durationMilliseconds: 0,
            maxResidentKiB: nil, userMilliseconds: nil, systemMilliseconds: nil)
    }

    private static func script(_ exit: AttemptExit, _ step: WorkflowStep = plain) -> AttemptJudge.Verdict {
        AttemptJudge(step: step, exit: exit).script()
    }

    private static func agent(
        _ exit: AttemptExit, _ outcome: AgentOutcome, wasLingering: Bool = false
    ) -> AttemptJudge.Verdict {
        AttemptJudge(step: plain, exit: exit).agent(outcome, wasLingering: wasLingering)
    }

    @Test("a script succeeds with exit status 0 alone", arguments: [0, 1, 2, 126, 127, 255])
    func exitStatus(code: Int) {
        let verdict = Self.script(Self.exit(.exited, code: code))
        #expect(verdict.status == (code == 0 ? .succeeded : .failed))
        #expect(verdict.error == (code == 0 ? nil : "exit status \(code)"))
        #expect(verdict.failureClass == nil && verdict.retryAt == nil)
    }

    @Test(
        "the failure of a script says its last words: one line, not blank, without what is secret",
        arguments: [
            ("", "exit status 2"), (" \n\n", "exit status 2"),
            ("one\nmake: no rule\n\n", "exit status 2: make: no rule"),
            ("a\r\n  b\tc\r\n", "exit status 2: b c"), ("no end of line", "exit status 2: no end of line"),
            ("see https://me:hunter2@host/x", "exit status 2: see https://***@host/x"),
        ])
    func lastWords(output: String, error: String) {
        var judge = AttemptJudge(step: Self.plain, exit: Self.exit(.exited, code: 2))
        judge.output = Array(output.utf8)
        #expect(judge.script().error == error)
        judge = AttemptJudge(step: Self.plain, exit: Self.exit(.exited, code: 0), output: judge.output)
        #expect(judge.script().error == nil)
        let long = AttemptJudge(
            step: Self.plain, exit: Self.exit(.exited, code: 2), output: Array(repeating: 120, count: 16 << 10))
        #expect((500...600).contains(long.script().error?.utf8.count ?? 0))
    }

    @Test("a script that ended by a signal of its own failed; one that was ended from outside was interrupted")
    func signal() {
        let killed = Self.script(Self.exit(.signaled, signal: 11))
        #expect(killed.status == .failed && killed.error == "killed by signal 11")
        for signal in [9, 15] {
            let ended = Self.script(Self.exit(.signaled, signal: signal))
            #expect(ended.status == .interrupted && ended.failureClass == nil)
        }
        let unknown = Self.script(Self.exit(.exited))
        #expect(unknown.status == .failed && unknown.error?.isEmpty == false)
    }

    @Test("an end that the supervisor brought about outweighs the exit status")
    func stopped() {
        let cases: [(AttemptExit.Reason, AttemptStatus)] = [
            (.timedOutWall, .timedOut), (.timedOutIdle, .timedOut), (.cancelled, .cancelled), (.lost, .interrupted),
            (.spawnFailed, .failed),
        ]
        for (reason, status) in cases {
            let verdict = Self.script(Self.exit(reason, code: 0))
            #expect(verdict.status == status && verdict.error?.isEmpty == false, "\(reason)")
            #expect(Self.agent(Self.exit(reason, code: 0), AgentOutcome(status: .succeeded)).status == status)
        }
    }

    @Test("a time limit is named as the step sets it, or as the default")
    func limits() {
        var step = Self.plain
        #expect(Self.script(Self.exit(.timedOutWall), step).error == "it ran longer than 6 h 00 m")
        #expect(Self.script(Self.exit(.timedOutIdle), step).error == "it gave no output at all for 30 m 00 s")
        step.timeout = .seconds(90)
        step.idleTimeout = .seconds(5)
        #expect(Self.script(Self.exit(.timedOutWall), step).error == "it ran longer than 1 m 30 s")
        #expect(Self.script(Self.exit(.timedOutIdle), step).error == "it gave no output at all for 5 s")
    }

    @Test("a program that could not be started is a permanent failure, and says why")
    func spawnFailed() {
        let verdict = Self.script(Self.exit(.spawnFailed, code: 127, error: "No such file or directory"))
        #expect(verdict.failureClass == .permanent)
        #expect(verdict.error == "it could not be started: No such file or directory")
        #expect(Self.script(Self.exit(.spawnFailed)).error?.contains("no reason") == true)
    }

    @Test("an agent's own words weigh more than its exit status, both ways")
    func agentWords() {
        #expect(Self.agent(Self.exit(.exited, code: 1), AgentOutcome(status: .succeeded)).status == .succeeded)
        var outcome = AgentOutcome(status: .failed, kind: .usageLimit, reason: "usage limit reached")
        outcome.resetsAt = Date(timeIntervalSince1970: 1_800_000_000)
        let verdict = Self.agent(Self.exit(.exited, code: 0), outcome)
        #expect(verdict.status == .failed && verdict.error == "usage limit reached")
        #expect(verdict.failureClass == .limit && verdict.retryAt == outcome.resetsAt)
        let broken = AgentOutcome(status: .interrupted, kind: .noResult, reason: "ended without a result")
        #expect(Self.agent(Self.exit(.signaled, signal: 9), broken).status == .interrupted)
    }

    @Test("an agent that hung after its result was stopped by us, and still succeeded")
    func lingering() {
        let done = AgentOutcome(status: .succeeded)
        #expect(Self.agent(Self.exit(.cancelled), done, wasLingering: true).status == .succeeded)
        #expect(Self.agent(Self.exit(.cancelled), done).status == .cancelled)
    }
}
