package import RunnerCore

/// Why an agent failed, in words that are the same for every agent.
package enum AgentErrorKind: String, Sendable, Codable, CaseIterable {
    case authentication, billing
    case rateLimit = "rate_limit"
    case usageLimit = "usage_limit"
    case overloaded
    case serverError = "server_error"
    case connection
    case promptTooLong = "prompt_too_long"
    case invalidRequest = "invalid_request"
    case outputLimit = "output_limit"
    case maxTurns = "max_turns"
    case maxBudget = "max_budget"
    /// The session to resume does not exist: start a new one instead.
    case unknownSession = "unknown_session"
    /// Stopped from outside, politely.
    case interrupted
    case killed
    /// The output ended before the agent said how it went.
    case noResult = "no_result"
    /// The program could not be started or refused its arguments.
    case notStarted = "not_started"
    case exitStatus = "exit_status"
    /// The agent reported a failure of its own while working.
    case execution
    case unknown

    /// What may be done about it.
    package var failureClass: FailureClass {
        switch self {
        case .rateLimit, .usageLimit: .limit
        case .overloaded, .serverError, .connection, .interrupted, .killed, .noResult, .execution: .transient
        case .authentication, .billing, .promptTooLong, .invalidRequest, .outputLimit, .maxTurns, .maxBudget,
            .unknownSession, .notStarted, .exitStatus, .unknown:
            .permanent
        }
    }

    /// The kind in a person's words, to stand after the agent's name and a colon.
    var phrase: String {
        switch self {
        case .authentication: "authentication failed"
        case .billing: "the account has no credit"
        case .rateLimit: "rate limit reached"
        case .usageLimit: "usage limit reached"
        case .overloaded: "the model is overloaded"
        case .serverError: "the model's server failed"
        case .connection: "no connection to the model's server"
        case .promptTooLong: "the prompt is too long"
        case .invalidRequest: "the request was refused"
        case .outputLimit: "the answer was cut at the output limit"
        case .maxTurns: "the turn limit was reached"
        case .maxBudget: "the budget is used up"
        case .unknownSession: "the session to resume does not exist"
        case .interrupted: "interrupted"
        case .killed: "killed"
        case .noResult: "ended without a result"
        case .notStarted: "did not start"
        case .exitStatus: "failed"
        case .execution: "failed while working"
        case .unknown: "failed"
        }
    }
}
