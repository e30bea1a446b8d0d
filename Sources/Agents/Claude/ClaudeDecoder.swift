import Foundation
import RunnerCore

/// Decodes `claude -p --output-format stream-json --verbose`.
struct ClaudeDecoder: LineReader {
    static let finalTextBytes = 256 * 1024

    let timeZone: TimeZone
    var lines = OutputLines()
    /// Lines outside the protocol, which often hold the only reason of a failure.
    var plainText = TailText(limit: 2048)

    var session: AgentSession?
    var sessionID: String?
    var spokenModel: String?
    var lastMessage: String?
    var usage: ClaudeUsage
    var tools = ToolLedger()
    var retries = 0
    var hasEvents = false

    var lastResult: AgentResult?
    var failure: ClaudeFailure?
    /// The last API error of the agent itself.
    var apiError: ClaudeFailure?
    /// From a `rate_limit_event` that refused the request.
    var isRejected = false
    var rejectedUntil: Date?
    /// A turn has begun after the last result.
    var isTurnOpen = false

    init(baseline: SessionTotals?, isResumed: Bool, timeZone: TimeZone) {
        self.timeZone = timeZone
        usage = ClaudeUsage(baseline: baseline, isResumed: isResumed)
    }

    mutating func keepPlain(_ text: String) {
        plainText.append(line: text)
    }

    mutating func object(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        if sessionID == nil, let id = value.name("session_id") { sessionID = id }
        if type.kind == .string { hasEvents = true }
        switch type {
        case "assistant": return assistant(value, at: time)
        case "user": return toolResults(value, at: time)
        case "system": return system(value, at: time)
        case "result": return result(value, at: time)
        case "rate_limit_event": return rateLimit(value, at: time)
        // Partial messages: the whole ones follow.
        case "stream_event", "keep_alive": return []
        default: return .one(.unknown(UnknownEvent(name: type.head)))
        }
    }
}
