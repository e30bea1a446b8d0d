import Foundation
import RunnerCore

extension ClaudeDecoder {
    mutating func system(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        let subtype = value["subtype"]?.stringValue
        switch subtype {
        case "init": return begin(value)
        case "api_retry":
            retries += 1
            let failure = ClaudeFailure(
                code: value["error"]?.stringValue, status: value["error_status"]?.intValue)
            // A retry without an HTTP status is one that got no answer.
            let kind = failure.kind == .unknown && failure.status == nil ? .connection : failure.kind
            return [
                .retry(
                    AgentRetry(
                        attempt: value["attempt"]?.intValue ?? retries, max: value["max_retries"]?.intValue,
                        delayMilliseconds: value["retry_delay_ms"]?.intValue, status: failure.status, kind: kind))
            ]
        case "permission_denied":
            deny(value, at: time)
            return []
        case "informational":
            guard let text = value["content"]?.stringValue, !text.isEmpty else { return [] }
            return [.notice(AgentNotice(text: text))]
        case .some(let known) where Self.isProgress(known): return []
        case let other: return [.unknown(UnknownEvent(name: "system/\(other?.keepingHead(bytes: 200) ?? "")"))]
        }
    }

    /// One session event, and another only when something about it has changed: `init` comes with every message.
    private mutating func begin(_ value: JSONValue) -> [AgentEvent] {
        isTurnOpen = true
        guard let id = Self.identifier(value["session_id"]) else { return [] }
        let begun = AgentSession(
            id: id, model: value["model"]?.stringValue?.keepingHead(bytes: 200), cwd: value["cwd"]?.stringValue,
            version: value["claude_code_version"]?.stringValue, permissionMode: value["permissionMode"]?.stringValue)
        guard begun != session else { return [] }
        session = begun
        sessionID = id
        return [.session(begun)]
    }

    private static func isProgress(_ subtype: String) -> Bool {
        let known: Set = ["status", "thinking_tokens", "compact_boundary", "files_persisted", "session_state_changed"]
        return known.contains(subtype) || subtype.hasPrefix("task_") || subtype.hasPrefix("hook_")
    }

    /// From `permission_denied` and from `permission_denials` of a result, which name the call alike.
    mutating func deny(_ value: JSONValue, at time: Date) {
        guard let given = Self.identifier(value["tool_use_id"]) else { return }
        let id = tools.callID(given)
        let input = (value["tool_input"] ?? .object([:])).capped(bytes: ToolLedger.argumentBytes)
        _ = tools.start(id, name: value["tool_name"]?.stringValue, arguments: input, at: time)
        tools.deny(id, at: time)
    }

    /// Subscriptions report their windows; only a refusal matters here.
    mutating func rateLimit(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        let info = value["rate_limit_info"]
        guard info?["status"]?.stringValue == "rejected" else {
            isRejected = false
            return []
        }
        // Money for extra usage may carry on where the plan's limit is reached.
        guard info?["isUsingOverage"]?.boolValue != true else { return [] }
        isRejected = true
        rejectedUntil = info?["resetsAt"]?.doubleValue.flatMap { seconds in
            ClaudeLimitText.plausible(Date(timeIntervalSince1970: seconds), at: time)
        }
        let window = info?["rateLimitType"]?.stringValue?.keepingHead(bytes: 100) ?? "usage"
        return [.limit(AgentLimit(kind: .usageLimit, resetsAt: rejectedUntil, text: "limit reached: \(window)"))]
    }
}
