import Foundation
import RunnerCore

extension ClaudeDecoder {
    mutating func system(_ value: JSONView, at time: Date) -> LineEvents {
        let subtype = value["subtype"]
        switch subtype {
        case "init": return begin(value)
        case "api_retry":
            retries += 1
            let failure = ClaudeFailure(
                code: value.text("error"), status: value.int("error_status"))
            // A retry without an HTTP status is one that got no answer.
            let kind = failure.kind == .unknown && failure.status == nil ? .connection : failure.kind
            return .one(
                .retry(
                    AgentRetry(
                        attempt: value.int("attempt") ?? retries, max: value.int("max_retries"),
                        delayMilliseconds: value.int("retry_delay_ms"), status: failure.status, kind: kind)))
        case "permission_denied":
            deny(value, at: time)
            return []
        case "informational":
            guard let text = value.text("content"), !text.isEmpty else { return [] }
            return .one(.notice(AgentNotice(text: text)))
        default:
            let name = subtype.head ?? ""
            return Self.isProgress(name) ? [] : .one(.unknown(UnknownEvent(name: "system/\(name)")))
        }
    }

    /// One session event, and another only when something about it has changed: `init` comes with every message.
    private mutating func begin(_ value: JSONView) -> LineEvents {
        isTurnOpen = true
        guard let id = value.name("session_id") else { return [] }
        let begun = AgentSession(
            id: id, model: value["model"].head, cwd: value.text("cwd"),
            version: value.text("claude_code_version"), permissionMode: value.text("permissionMode"))
        guard begun != session else { return [] }
        session = begun
        sessionID = id
        return .one(.session(begun))
    }

    private static func isProgress(_ subtype: String) -> Bool {
        let known: Set = ["status", "thinking_tokens", "compact_boundary", "files_persisted", "session_state_changed"]
        return known.contains(subtype) || subtype.hasPrefix("task_") || subtype.hasPrefix("hook_")
    }

    /// From `permission_denied` and from `permission_denials` of a result, which name the call alike.
    mutating func deny(_ value: JSONView, at time: Date) {
        guard let given = value.name("tool_use_id") else { return }
        let id = tools.callID(given)
        tools.start(id, name: value.text("tool_name"), at: time) { value["tool_input"].arguments }
        tools.deny(id, at: time)
    }

    /// Subscriptions report their windows; only a refusal matters here.
    mutating func rateLimit(_ value: JSONView, at time: Date) -> LineEvents {
        let info = value["rate_limit_info"]
        guard "rejected" ~= info["status"] else {
            isRejected = false
            return []
        }
        // Money for extra usage may carry on where the plan's limit is reached.
        guard info["isUsingOverage"].bool != true else { return [] }
        isRejected = true
        rejectedUntil = info["resetsAt"].double.flatMap { seconds in
            ClaudeLimitText.plausible(Date(timeIntervalSince1970: seconds), at: time)
        }
        let window = info.text("rateLimitType")?.keepingHead(bytes: 100) ?? "usage"
        return .one(.limit(AgentLimit(kind: .usageLimit, resetsAt: rejectedUntil, text: "limit reached: \(window)")))
    }
}
