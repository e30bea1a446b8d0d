import Foundation
import RunnerCore

/// An error that an agent told of, in the words that all agents share.
struct AgentFailure: Sendable, Hashable {
    var kind: AgentErrorKind
    var text: String
    /// The HTTP status of the model's server.
    var status: Int?
    var resetsAt: Date?
    /// More about the kind, in brackets after it.
    var detail: String?

    init(kind: AgentErrorKind, text: String, status: Int? = nil, resetsAt: Date? = nil, detail: String? = nil) {
        self.kind = kind
        self.text = text.capped(bytes: 4096)
        self.status = status
        self.resetsAt = resetsAt
        self.detail = detail
    }

    /// The failure that a program's own error text tells of; only for texts that no model wrote.
    init(text: String, status: Int? = nil, fallback: AgentErrorKind = .unknown, at time: Date, timeZone: TimeZone) {
        let status = status ?? FailureText.status(in: text)
        var kind = FailureText.kind(of: text, status: status) ?? fallback
        var resetsAt: Date?
        if let limit = ClaudeLimitText(text, at: time, timeZone: timeZone) {
            kind = .usageLimit
            resetsAt = limit.resetsAt
        }
        if kind.failureClass == .limit, resetsAt == nil {
            resetsAt = LimitReset.moment(in: text, at: time, timeZone: timeZone)
        }
        self.init(kind: kind, text: text, status: status, resetsAt: resetsAt)
    }

    /// The failure that the last line of a failed program's output tells of by an HTTP status: words alone may be a
    /// model's, or of a test.
    init?(lastLineOf output: String, at time: Date, timeZone: TimeZone) {
        let last = output.split(whereSeparator: \.isNewline).last.map { String($0).asShown } ?? ""
        guard let status = FailureText.status(in: last) else { return nil }
        self.init(text: last, status: status, at: time, timeZone: timeZone)
    }

    /// The event that tells of it.
    func event(isFatal: Bool) -> AgentEvent {
        switch kind {
        case .rateLimit, .usageLimit, .overloaded, .billing:
            .limit(AgentLimit(kind: kind, resetsAt: resetsAt, text: text))
        default: .error(AgentProblem(kind: kind, message: text, isFatal: isFatal))
        }
    }

    func outcome(agent: String) -> AgentOutcome {
        let detail = detail ?? status.map { "HTTP \($0)" }
        // What a program says about its own interruption tells a person nothing.
        let text = kind == .interrupted ? nil : text
        var outcome = AgentOutcome(
            status: kind == .interrupted ? .interrupted : .failed, kind: kind,
            reason: FailureReason.sentence(agent: agent, phrase: kind.phrase, detail: detail, text: text))
        outcome.resetsAt = resetsAt
        return outcome
    }
}
