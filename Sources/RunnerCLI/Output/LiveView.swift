import Engine
import Foundation
import Rainbow
import RunnerCore
import Synchronization

/// Shows a run as it goes on: a status line that is rewritten on a terminal, plain lines in a pipe.
///
/// Everything goes to standard error.
final class LiveView: Sendable {
    private struct State {
        var status: String?
        var lastDraw = Date.distantPast
        var createdTask: Int?
    }

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let isSilent: Bool

    init(options: OutputOptions) {
        isTerminal = Terminal.isErrorTerminal
        isSilent = options.quiet
    }

    /// A handler to hand to the engine.
    var handler: ProgressHandler {
        { [self] event in show(event) }
    }

    /// The number of the task, once there is one.
    var createdTask: Int? {
        state.withLock { $0.createdTask }
    }

    private func show(_ event: ProgressEvent) {
        if case .taskCreated(let task) = event { state.withLock { $0.createdTask = task.number } }
        guard !isSilent else { return }
        switch event {
        case .preparing(let text): status(text)
        case .fetching(let text): status(text)
        case .taskCreated(let task):
            line("task \(task.number)  \(Terminal.plain(task.title))".bold(isTerminal))
        case .environmentReady(let environment, let milliseconds):
            line("        branch \(environment.branch)")
            line("        worktree \(environment.worktreePath) (\(milliseconds) ms)")
        case .stepStarted(let step, let attempt):
            let again = attempt > 1 ? " (attempt \(attempt))" : ""
            if isTerminal { status("\(step.key)\(again) …") } else { line("  …  \(step.key)\(again) started") }
        case .stepActivity(let step, let text): status("\(step.key): \(text)", throttled: true)
        case .stepSaving(let step): status("\(step.key): its changes are being saved")
        case .stepFinished(let step, let attempt): line(finished(step, attempt))
        case .stepAdopted(let step, let attempt): line("  …  \(step.key) goes on (attempt \(attempt))")
        case .waiting(let until, _):
            line("     waiting until \(Moments.iso(until)) (\(Moments.relative(until))); Ctrl-C cancels")
        case .gate, .question: line("  ?  \(Self.question(event) ?? "")")
        case .stepSkipped(let step): line("  -  \(step.key) skipped".dim(isTerminal))
        case .note(let text): line("     \(Self.indented(text))")
        case .runFinished(let status, let error):
            line("run \(status.rawValue)\(error.map { ": \(Self.indented($0))" } ?? "")".bold(isTerminal))
        }
    }

    private func finished(_ step: StepRecord, _ attempt: AttemptRecord) -> String {
        let mark =
            switch attempt.status {
            case .succeeded: isTerminal ? "✓".green : "✓"
            default: isTerminal ? "✗".red : "✗"
            }
        var parts = [Moments.duration(milliseconds: attempt.durationMilliseconds ?? 0)]
        if attempt.status != .succeeded {
            parts.append(attempt.status.rawValue.replacingOccurrences(of: "_", with: " "))
            if let code = attempt.exitCode { parts.append("exit \(code)") }
            if let signal = attempt.signal { parts.append("signal \(signal)") }
        }
        if let files = attempt.filesChanged, files > 0 {
            parts.append("\(files) file\(files == 1 ? "" : "s") +\(attempt.insertions ?? 0) -\(attempt.deletions ?? 0)")
        }
        if let usage = attempt.usage {
            parts.append("\(usage.input + usage.cacheRead + usage.cacheWrite + usage.output) tokens")
        }
        if let cost = attempt.costUSD { parts.append(String(format: "$%.4f", cost)) }
        var text = "  \(mark)  \(step.key)  " + parts.joined(separator: ", ")
        if let error = attempt.error { text += "\n     \(Self.indented(error))" }
        return text
    }

    /// What a person is asked, and how to answer, for a line that begins with a mark; nil for other events.
    static func question(_ event: ProgressEvent) -> String? {
        let (text, task): (String, Int)
        switch event {
        case .gate(let step, let number, let message):
            (text, task) = ("\(step.key) waits for a decision: \(indented(message))", number)
        case .question(let step, let number, let message):
            (text, task) = ("\(step.key) asks for permission: \(indented(message))", number)
        default: return nil
        }
        return "\(text)\n     runner approve \(task)   or   runner reject \(task) --note '…'"
    }

    /// Text of a program or an error, its lines below each other.
    private static func indented(_ text: String) -> String {
        Terminal.plainLines(text).replacing("\n", with: "\n     ")
    }

    private func line(_ text: String) {
        state.withLock { state in
            let clear = state.status == nil ? "" : "\r\u{1B}[2K"
            state.status = nil
            Terminal.message(clear + text)
        }
    }

    /// A line that the next one replaces; nothing in a pipe.
    private func status(_ text: String, throttled: Bool = false) {
        guard isTerminal else { return }
        state.withLock { state in
            let now = Date()
            if throttled, now.timeIntervalSince(state.lastDraw) < 0.08 { return }
            state.lastDraw = now
            let plain = Terminal.plainLines(text).replacing("\n", with: " ")
            let shown = String(plain.prefix(Terminal.width - 4))
            state.status = shown
            Terminal.messageWithoutNewline("\r\u{1B}[2K  …  \(shown)")
        }
    }
}

extension String {
    fileprivate func bold(_ apply: Bool) -> String { apply && Terminal.usesColor ? bold : self }
    fileprivate func dim(_ apply: Bool) -> String { apply && Terminal.usesColor ? dim : self }
}
