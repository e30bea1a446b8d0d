import Foundation

/// What Claude Code tells about an error, and the kind that follows from it.
struct ClaudeFailure: Hashable {
    /// `error` of an assistant event or a retry, such as `authentication_failed`.
    var code: String?
    var status: Int?
    /// `api_error_type`, such as `overloaded_error`.
    var type: String?
    /// `api_error`, such as `connection_failed`.
    var cause: String?
    var text = ""
    var subtype: String?
    var terminalReason: String?
    var isUsageLimit = false
    var resetsAt: Date?

    /// The most telling fact decides; texts only where no field says it.
    var kind: AgentErrorKind {
        if isUsageLimit { return .usageLimit }
        return kindOfEnding ?? kindOfCode ?? kindOfText ?? kindOfStatus ?? fallback
    }

    private var kindOfEnding: AgentErrorKind? {
        switch (terminalReason, subtype) {
        case (.some(let reason), _) where reason.hasPrefix("aborted"): .interrupted
        case ("prompt_too_long", _): .promptTooLong
        case ("max_turns", _), (_, "error_max_turns"): .maxTurns
        case ("budget_exhausted", _), (_, "error_max_budget_usd"): .maxBudget
        default: nil
        }
    }

    private var kindOfCode: AgentErrorKind? {
        switch (code, type, cause) {
        case (_, _, "connection_failed"): .connection
        case (_, _, "max_output_tokens"), ("max_output_tokens", _, _): .outputLimit
        case ("authentication_failed", _, _), ("oauth_org_not_allowed", _, _), (_, "authentication_error", _),
            (_, "permission_error", _):
            .authentication
        case ("billing_error", _, _), (_, "billing_error", _): .billing
        case ("rate_limit", _, _), (_, "rate_limit_error", _): .rateLimit
        case ("overloaded", _, _), (_, "overloaded_error", _): .overloaded
        default: nil
        }
    }

    private var kindOfText: AgentErrorKind? {
        let text = text.lowercased()
        if text.contains("credit balance is too low") { return .billing }
        if text.hasPrefix("not logged in") || text.hasPrefix("invalid api key") { return .authentication }
        if text.hasPrefix("prompt is too long") { return .promptTooLong }
        if text.contains("no conversation found with session id") { return .unknownSession }
        return nil
    }

    private var kindOfStatus: AgentErrorKind? {
        switch status {
        case 401, 403: .authentication
        case 402: .billing
        case 408: .connection
        case 413: .promptTooLong
        case 429: .rateLimit
        case 529: .overloaded
        case .some(500...599): .serverError
        case .some(400...499): .invalidRequest
        default: nil
        }
    }

    private var fallback: AgentErrorKind {
        switch (code, subtype) {
        case ("server_error", _): .serverError
        case ("invalid_request", _), ("model_not_found", _): .invalidRequest
        case (_, "error_during_execution"): .execution
        default: .unknown
        }
    }

    /// This failure with what `earlier`, an API error before it, knows more.
    func supplemented(by earlier: ClaudeFailure?) -> ClaudeFailure {
        guard let earlier else { return self }
        var merged = self
        merged.code = code ?? earlier.code
        merged.status = status ?? earlier.status
        merged.type = type ?? earlier.type
        merged.cause = cause ?? earlier.cause
        if merged.text.isEmpty { merged.text = earlier.text }
        merged.isUsageLimit = isUsageLimit || earlier.isUsageLimit
        merged.resetsAt = resetsAt ?? earlier.resetsAt
        return merged
    }

    /// Why, in one sentence for a person.
    var reason: String {
        let detail: String? =
            switch (kind, terminalReason) {
            case (.interrupted, "aborted_tools"): "while a tool was running"
            case (.interrupted, "aborted_streaming"): "while the model was answering"
            default: status.map { "HTTP \($0)" }
            }
        // The program's own diagnostic of an interruption says nothing to a person.
        let text = kind == .interrupted ? nil : text
        return FailureReason.sentence(agent: "claude", phrase: kind.phrase, detail: detail, text: text)
    }
}
