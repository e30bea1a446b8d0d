import Foundation
import RunnerCore

extension ClaudeDecoder {
    mutating func result(_ value: JSONView, at time: Date) -> LineEvents {
        var events: LineEvents = []
        if let id = value.name("session_id") {
            sessionID = id
            if session == nil {
                let begun = AgentSession(id: id)
                session = begun
                events.append(.session(begun))
            }
        }
        value["permission_denials"].forEach { deny($0, at: time) }
        if let report = usage.add(value) { events.append(.usage(report)) }

        let result = Self.summary(of: value, isError: isError(value))
        lastResult = result
        isTurnOpen = false
        failure = result.isError ? failure(of: result, value, at: time) : nil
        events.append(.result(result))
        return events
    }

    /// `subtype` says "success" for API failures too: `is_error` decides, and doubt counts as failure.
    private func isError(_ value: JSONView) -> Bool {
        guard value["is_error"].bool == false else { return true }
        if value.text("subtype")?.hasPrefix("error") == true { return true }
        if value.text("terminal_reason")?.hasPrefix("aborted") == true { return true }
        // Old versions gave a limit's notice or an API error as an ordinary answer.
        guard let text = value.text("result") else { return false }
        return ClaudeLimitText.isBanner(text) || (!text.isEmpty && text == apiError?.text)
    }

    private static func summary(of value: JSONView, isError: Bool) -> AgentResult {
        let errors = value["errors"].compactMap { $0.string(within: 4096) }.prefix(20)
        return AgentResult(
            isError: isError, subtype: value["subtype"].head,
            terminalReason: value["terminal_reason"].head,
            status: value.int("api_error_status"),
            text: value["result"].string(within: finalTextBytes),
            errors: Array(errors),
            turns: value.int("num_turns"), durationMilliseconds: value.int("duration_ms"))
    }

    private func failure(of result: AgentResult, _ value: JSONView, at time: Date) -> ClaudeFailure {
        var failure = ClaudeFailure(
            status: result.status, type: value.text("api_error_type"),
            cause: value.text("api_error"),
            text: result.errors.isEmpty ? result.text ?? "" : result.errors.joined(separator: "; "),
            subtype: result.subtype, terminalReason: result.terminalReason)
        failure.text = failure.text.capped(bytes: 4096)
        // The error before it names the cause more exactly, where it is the one that ended the turn.
        if result.terminalReason == "api_error" || apiError?.text == failure.text {
            failure = failure.supplemented(by: apiError)
        }
        markUsageLimit(&failure, at: time)
        return failure
    }

    mutating func finish(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        _ = endOfOutput(at: time)
        var outcome = judge(exit)
        outcome.sessionID = sessionID
        outcome.model = session?.model ?? spokenModel ?? usage.mainModel
        let spoken = failure == nil && !isTurnOpen ? lastResult?.text : nil
        outcome.finalText = spoken.flatMap { $0.isEmpty ? nil : $0 } ?? lastMessage
        outcome.tools = tools.closed()
        outcome.droppedTools = tools.dropped
        outcome.usage = usage.tokens
        outcome.usageByModel = usage.models
        outcome.costUSD = usage.costUSD
        outcome.sessionTotals = usage.sessionTotals
        outcome.turns = lastResult?.turns
        outcome.retries = retries
        return outcome
    }

    /// Exit status 0 proves nothing (an interrupt ends with it, and so does output that was lost): only a result
    /// that says success, as the last thing of the stream, from a process that ended well, is a success.
    private func judge(_ exit: AgentExit) -> AgentOutcome {
        if let failure {
            var outcome = AgentOutcome(
                status: failure.kind == .interrupted ? .interrupted : .failed, kind: failure.kind,
                reason: failure.reason)
            outcome.resetsAt = failure.resetsAt
            return outcome
        }
        guard lastResult != nil, !isTurnOpen else { return withoutResult(exit) }
        guard exit.isClean else {
            let kind = exit.failureKind ?? .exitStatus
            return AgentOutcome(
                status: kind == .interrupted ? .interrupted : .failed, kind: kind,
                reason: sentence("\(exit.words), although its result says success"))
        }
        return AgentOutcome(status: .succeeded)
    }

    private func withoutResult(_ exit: AgentExit) -> AgentOutcome {
        let kind = exit.failureKind
        if kind == .interrupted || kind == .killed {
            return AgentOutcome(
                status: kind == .interrupted ? .interrupted : .failed, kind: kind,
                reason: sentence("\(exit.words) before it was done"))
        }
        if let apiError, isTurnOpen {
            var outcome = AgentOutcome(status: .failed, kind: apiError.kind, reason: apiError.reason)
            outcome.resetsAt = apiError.resetsAt
            return outcome
        }
        if kind == .exitStatus, !hasEvents {
            return AgentOutcome(status: .failed, kind: .notStarted, reason: sentence("did not start (\(exit.words))"))
        }
        let detail = exit.status.map { "exit status \($0)" }
        return AgentOutcome(
            status: .failed, kind: .noResult,
            reason: FailureReason.sentence(
                agent: "claude", phrase: AgentErrorKind.noResult.phrase, detail: detail, text: lastPlainText))
    }

    private func sentence(_ phrase: String) -> String {
        FailureReason.sentence(agent: "claude", phrase: phrase, text: lastPlainText)
    }

    /// The end of what it printed outside the protocol.
    private var lastPlainText: String? {
        let text = plainText.text().keepingTail(bytes: 400)
        return text.isEmpty ? nil : text
    }
}
