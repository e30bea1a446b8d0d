import Agents
import Foundation
import Glibc
import RunnerCore

/// Decides how an attempt ended, from its process, its agent's stream and what it declared.
struct AttemptJudge {
    let step: WorkflowStep
    let exit: AttemptExit
    /// False when the shim was told to stop by a worker that had to let go of the run.
    var isCancelWished = true
    /// What an agent said last, for people.
    var lastWords: String?
    /// The end of a script's output: its last line mostly says what went wrong.
    var output: [UInt8] = []
    /// A set-up says by its exit status whether another try can help.
    var isSetup = false
    var runLimit: RunLimit?

    struct Verdict {
        var status: AttemptStatus
        var error: String?
        var failureClass: FailureClass?
        var retryAt: Date?
    }

    /// The verdict on a script.
    func script() -> Verdict {
        if let verdict = stopped() { return verdict }
        if let signal = exit.signal { return Verdict(status: .failed, error: sentence("killed by signal \(signal)")) }
        guard let code = exit.exitCode else { return Verdict(status: .failed, error: "its end is unknown") }
        if code == 0 { return Verdict(status: .succeeded) }
        return Verdict(
            status: .failed, error: sentence("exit status \(code)"), failureClass: isSetup ? setupClass(code) : nil)
    }

    private func sentence(_ phrase: String) -> String {
        FailureReason.sentence(phrase, lastLineOf: output)
    }

    /// As in sysexits.h: 75 passes by itself (EX_TEMPFAIL), 78 does not (EX_CONFIG).
    private func setupClass(_ code: Int) -> FailureClass? {
        switch code {
        case 75: .transient
        case 78: .permanent
        default: nil
        }
    }

    /// The verdict on an agent: its own closing words weigh more than an exit status.
    func agent(_ outcome: AgentOutcome, wasLingering: Bool) -> Verdict {
        // An agent that hung after its result was stopped by us; that is no cancelled attempt.
        if !wasLingering, let verdict = stopped() { return verdict }
        switch outcome.status {
        case .succeeded: return Verdict(status: .succeeded)
        case .failed:
            return Verdict(
                status: .failed, error: outcome.reason, failureClass: outcome.failureClass, retryAt: outcome.resetsAt)
        case .interrupted: return Verdict(status: .interrupted, error: outcome.reason)
        }
    }

    /// Ends that the shim brought about or could not see.
    private func stopped() -> Verdict? {
        switch exit.reason {
        case .exited: nil
        // Not the shim's doing and not the program's own end: the machine went down, or somebody cleared up.
        case .signaled where exit.signal == Int(SIGKILL) || exit.signal == Int(SIGTERM):
            Verdict(status: .interrupted, error: "it was ended from outside by signal \(exit.signal ?? 0)")
        case .signaled: nil
        case .timedOutWall: tooLong(step.timeout ?? StepCommand.defaultTimeout)
        case .timedOutIdle:
            Verdict(status: .timedOut, error: silence(text(step.idleTimeout ?? StepCommand.defaultAgentIdle)))
        case .cancelled where !isCancelWished:
            Verdict(status: .interrupted, error: "its worker lost its hold on the run")
        case .cancelled: Verdict(status: .cancelled, error: "cancelled")
        case .spawnFailed:
            Verdict(
                status: .failed, error: "it could not be started: \(exit.error ?? "no reason given")",
                failureClass: .permanent)
        case .lost: Verdict(status: .interrupted, error: "its supervisor was killed")
        }
    }

    /// Behind the limit of the whole run another try would be stopped at once.
    private func tooLong(_ own: Duration) -> Verdict {
        guard let runLimit, runLimit.left < own else {
            return Verdict(status: .timedOut, error: "it ran longer than \(text(own))")
        }
        return Verdict(status: .timedOut, error: runLimit.sentence, failureClass: .permanent)
    }

    /// An agent that waits for somebody's answer has mostly said so before.
    private func silence(_ limit: String) -> String {
        if exit.stdoutTotal + exit.stderrTotal == 0 { return "it gave no output at all for \(limit)" }
        return "it gave no output for \(limit)" + (lastWords.map { "; the last was: \($0)" } ?? "")
    }

    private func text(_ duration: Duration) -> String {
        DurationText.format(duration)
    }
}
