import Foundation
import RunnerCore

extension Transcript {
    /// The outcome with everything that was seen, however the attempt is judged.
    func completed(_ outcome: AgentOutcome, model: String?) -> AgentOutcome {
        var outcome = outcome
        outcome.sessionID = session?.id
        outcome.model = session?.model ?? model ?? mainModel
        let spoken = failure == nil && !isOpen ? lastResult?.text : nil
        outcome.finalText = spoken.flatMap { $0.isEmpty ? nil : $0 } ?? lastMessage
        outcome.tools = tools.closed()
        outcome.droppedTools = tools.dropped
        outcome.usage = usage.tokens
        outcome.usageByModel = usage.models
        outcome.costUSD = usage.costUSD
        outcome.sessionTotals = usage.session
        outcome.turns = lastResult?.turns ?? turns
        outcome.retries = retries
        return outcome
    }

    /// Only a result that says success, as the last thing of the stream, from a process that ended well, is a success.
    func judge(_ exit: AgentExit) -> AgentOutcome {
        if let failure, !isOpen { return failure.outcome(agent: agent) }
        guard lastResult != nil, !isOpen else { return withoutResult(exit) }
        guard exit.isClean else {
            let kind = exit.failureKind ?? .exitStatus
            return AgentOutcome(
                status: kind == .interrupted ? .interrupted : .failed, kind: kind,
                reason: sentence("\(exit.words), although its result says success"))
        }
        return AgentOutcome(status: .succeeded)
    }

    /// The verdict on output that ended before the agent said how it went.
    func withoutResult(_ exit: AgentExit) -> AgentOutcome {
        let kind = exit.failureKind
        if kind == .interrupted || kind == .killed {
            return AgentOutcome(
                status: kind == .interrupted ? .interrupted : .failed, kind: kind,
                reason: sentence("\(exit.words) before it was done"))
        }
        if let failure { return failure.outcome(agent: agent) }
        if kind == .exitStatus, !hasEvents {
            // A resumed session that is not there, a missing key: the program says so in plain words.
            let known = FailureText.kind(of: lastPlainText ?? "", status: nil)
            return AgentOutcome(
                status: .failed, kind: known ?? .notStarted,
                reason: sentence("\(known?.phrase ?? AgentErrorKind.notStarted.phrase) (\(exit.words))"))
        }
        return AgentOutcome(
            status: .failed, kind: .noResult,
            reason: FailureReason.sentence(
                agent: agent, phrase: AgentErrorKind.noResult.phrase, detail: exit.status.map { "exit status \($0)" },
                text: lastPlainText))
    }

    func sentence(_ phrase: String) -> String {
        FailureReason.sentence(agent: agent, phrase: phrase, text: lastPlainText)
    }

    /// The end of what was printed outside the protocol, of a program's own trace of a crash its last line.
    var lastPlainText: String? {
        let all = plainText.text()
        var lines = all.split(separator: "\n")
        guard let last = lines.popLast() else { return nil }
        if lines.suffix(4).contains(where: Self.isFrame), last.first != " ", !Self.isFrame(last) {
            return String(last.drop { $0 == "\r" }).keepingHead(bytes: 400)
        }
        let text = all.keepingTail(bytes: 400)
        // What is left of a line whose beginning is cut tells nothing.
        guard text.utf8.count < all.utf8.count, let end = text.firstIndex(of: "\n") else {
            return text.isEmpty ? nil : text
        }
        return String(text[text.index(after: end)...])
    }

    /// The failure that the last line outside the protocol tells of by an HTTP status; only for a program that failed.
    func plainFailure(at time: Date) -> AgentFailure? {
        AgentFailure(lastLineOf: plainText.text(), at: time, timeZone: timeZone)
    }

    /// Whether a line belongs to a trace as Python and JavaScript print it, or to one that is drawn into a box.
    private static func isFrame(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " }
        if text.hasPrefix("File \"") && text.contains(", line ") || text.hasPrefix("at ") && text != line {
            return true
        }
        return line.last?.unicodeScalars.allSatisfy { (0x2500...0x257F).contains($0.value) } ?? false
    }

    /// The model that wrote most.
    private var mainModel: String? {
        usage.models.filter { $0.key != "unknown" }
            .max { ($0.value.tokens.output, $1.key) < ($1.value.tokens.output, $0.key) }?.key
    }
}
