/// Reads the kind of an error from the text that a program or its client library wrote about it.
enum FailureText {
    /// Longer texts are looked at only in their beginning.
    private static let maximumBytes = 4096

    /// An HTTP status that the text names as one.
    static func status(in text: String) -> Int? {
        let head = text.keepingHead(bytes: maximumBytes)
        let named =
            #/
            (?:status|http|error\ code|client\ error|server\ error|response)
            [^0-9a-z]{0,4}(?:code)?[^0-9a-z]{0,4}([45]\d\d)\b
            /#
        if let match = head.firstMatch(of: named.ignoresCase()) { return Int(match.1) }
        // "429 Too Many Requests", "503 Service Unavailable".
        let phrase =
            #/
            \b([45]\d\d)\ (?:bad\ request|unauthorized|payment|forbidden|not\ found|too\ many|internal|bad\ gateway
              |service|gateway)
            /#
        return head.firstMatch(of: phrase.ignoresCase()).flatMap { Int($0.1) }
    }

    /// Nil when the text says nothing that is known. More telling words go first: a 429 may mean an empty account.
    static func kind(of text: String, status: Int?) -> AgentErrorKind? {
        // Some programs wrap their messages, so that a phrase may be cut anywhere.
        let text = text.keepingHead(bytes: maximumBytes).lowercased().split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        if text.contains("missing"), text.contains("environment variable"), text.contains("_key") {
            return .authentication
        }
        for (kind, words) in phrases where words.contains(where: { text.contains($0) }) { return kind }
        return status.flatMap(kind(ofStatus:))
    }

    private static let phrases: [(AgentErrorKind, [String])] = [
        (
            .billing,
            [
                "insufficient_quota", "quota exceeded", "exceeded your current quota", "billing", "credit balance",
                "payment required",
            ]
        ),
        (.usageLimit, ["usage limit", "terminalquotaerror", "daily limit"]),
        (
            .promptTooLong,
            ["context window", "context length", "contextwindowexceeded", "prompt is too long", "maximum context"]
        ),
        (.rateLimit, ["rate limit", "ratelimit", "rate_limit", "too many requests"]),
        (
            .authentication,
            [
                "authenticationerror", "authentication_error", "invalid api key", "invalid_api_key",
                "incorrect api key",
                "unauthorized", "api_key client option", "not logged in", "api key not", "permission denied for model",
            ]
        ),
        (.overloaded, ["overloaded", "high demand"]),
        (.outputLimit, ["max_output_tokens", "output limit", "finish_reason: length"]),
        (
            .unknownSession,
            ["no rollout found", "session not found", "no conversation found", "no such session", "unknown session"]
        ),
        (.maxTurns, ["maximum number of turns", "max turns", "turn limit", "step limit"]),
        (
            .connection,
            [
                "connection refused", "connection failed", "connection error", "stream disconnected",
                "waiting for network",
                "error sending request", "connecterror", "apiconnectionerror", "timed out", "name resolution",
                "could not resolve", "connectionerror", "nameresolutionerror", "name or service not known",
                "network is unreachable", "econnrefused", "enotfound",
            ]
        ),
        (
            .serverError,
            ["internal server error", "service unavailable", "internalservererror", "server had an error"]
        ),
        (.invalidRequest, ["badrequesterror", "bad request", "invalid_request_error", "unsupported parameter"]),
    ]

    private static func kind(ofStatus status: Int) -> AgentErrorKind? {
        switch status {
        case 401, 403: .authentication
        case 402: .billing
        case 408: .connection
        case 413: .promptTooLong
        case 429: .rateLimit
        case 503, 529: .overloaded
        case 500...599: .serverError
        case 400...499: .invalidRequest
        default: nil
        }
    }
}
