import Foundation
import RunnerCore

extension ClaudeDecoder {
    mutating func assistant(_ value: JSONView, at time: Date) -> LineEvents {
        let parent = value.name("parent_tool_use_id")
        let message = value["message"]
        let content = message["content"]
        let code = value.text("error")
        if code != nil || value["is_api_error_message"].bool == true {
            return problem(value, text: Self.text(of: content), code: code, isFatal: parent == nil, at: time)
        }
        if "<synthetic>" ~= message["model"] {
            return synthetic(value, text: Self.text(of: content), parent: parent, at: time)
        }
        if parent == nil {
            isTurnOpen = true
            apiError = nil
            spokenModel = spokenModel ?? message["model"].head
        }
        guard content.kind == .array else { return say(content.string, parent: parent) }
        return content.flatMap { block($0, parent: parent, at: time) }
    }

    /// Written by the program, not by the model; old versions do not mark the errors among such texts.
    private mutating func synthetic(
        _ value: JSONView, text: String, parent: String?, at time: Date
    ) -> LineEvents {
        let isError = text.hasPrefix("API Error") || ClaudeLimitText(text, at: time, timeZone: timeZone) != nil
        if isError { return problem(value, text: text, code: nil, isFatal: parent == nil, at: time) }
        return text.isEmpty ? [] : .one(.notice(AgentNotice(text: text)))
    }

    private mutating func block(_ block: JSONView, parent: String?, at time: Date) -> LineEvents {
        let type = block["type"]
        switch type {
        case "text": return say(block.text("text"), parent: parent)
        case "thinking":
            guard let text = block.text("thinking"), !text.isEmpty else { return [] }
            return .one(.thinking(AgentMessage(text: text, parent: parent)))
        case "tool_use", "server_tool_use", "mcp_tool_use":
            let id = tools.callID(block["id"], { $0.string })
            let name = block.text("name")
            guard let input = tools.start(id, name: name, at: time, arguments: { block["input"].arguments }) else {
                return []
            }
            return .one(.toolStarted(ToolStart(id: id, name: name ?? "unknown", input: input, parent: parent)))
        case "tool_result": return .one(toolResult(block, isRefused: false, at: time))
        case "redacted_thinking": return []
        default:
            let name = type.head ?? ""
            if name.hasSuffix("tool_result") { return .one(toolResult(block, isRefused: false, at: time)) }
            return .one(.unknown(UnknownEvent(name: "assistant/\(name)")))
        }
    }

    private mutating func say(_ text: String?, parent: String?) -> LineEvents {
        guard let text, !text.isEmpty else { return [] }
        if parent == nil { lastMessage = text.capped(bytes: Self.finalTextBytes) }
        return .one(.message(AgentMessage(text: text, parent: parent)))
    }

    /// What a user said is known, or was put in by the program; only results of tools are new.
    mutating func toolResults(_ value: JSONView, at time: Date) -> LineEvents {
        if value.name("parent_tool_use_id") == nil { isTurnOpen = true }
        let refused = Set(
            value["tool_result_meta"].compactMap { meta in
                "reject" ~= meta["permission_decision"]["decision"] ? meta.text("id") : nil
            })
        return value["message"]["content"].flatMap { block in
            guard "tool_result" ~= block["type"] else { return .nothing }
            let isRefused = !refused.isEmpty && block.text("tool_use_id").map { refused.contains($0) } == true
            return .one(toolResult(block, isRefused: isRefused, at: time))
        }
    }

    private mutating func toolResult(_ block: JSONView, isRefused: Bool, at time: Date) -> AgentEvent {
        let id = tools.callID(block["tool_use_id"], { $0.string })
        if isRefused { tools.deny(id, at: time) }
        let output = Self.output(block["content"])
        let denied = tools.isDenied(id)
        let failed = block["is_error"].bool == true || denied
        tools.finish(id, output: output, failed: failed, at: time)
        return .toolFinished(ToolFinish(id: id, failed: failed, denied: denied, output: output))
    }

    private mutating func problem(
        _ value: JSONView, text: String, code: String?, isFatal: Bool, at time: Date
    ) -> LineEvents {
        var failure = ClaudeFailure(
            code: code, status: value.int("api_error_status"), type: value.text("api_error_type"),
            cause: value.text("api_error"), text: text.capped(bytes: 4096))
        markUsageLimit(&failure, at: time)
        if isFatal {
            apiError = failure
            isTurnOpen = true
        }
        switch failure.kind {
        case .rateLimit, .usageLimit, .overloaded, .billing:
            return .one(.limit(AgentLimit(kind: failure.kind, resetsAt: failure.resetsAt, text: failure.text)))
        default:
            return .one(.error(AgentProblem(kind: failure.kind, message: failure.text, isFatal: isFatal)))
        }
    }

    func markUsageLimit(_ failure: inout ClaudeFailure, at time: Date) {
        if let limit = ClaudeLimitText(failure.text, at: time, timeZone: timeZone) {
            failure.isUsageLimit = true
            failure.resetsAt = limit.resetsAt
        } else if isRejected, failure.kind == .rateLimit {
            failure.isUsageLimit = true
        }
        if failure.isUsageLimit { failure.resetsAt = rejectedUntil ?? failure.resetsAt }
        if failure.kind.failureClass == .limit, failure.resetsAt == nil {
            failure.resetsAt = LimitReset.moment(in: failure.text, at: time, timeZone: timeZone)
        }
    }

    /// The texts of content blocks, or the text itself.
    private static func text(of content: JSONView) -> String {
        content.string ?? content.compactMap { $0.text("text") }.joined(separator: "\n")
    }

    /// A tool's result as text, capped: it is a text, a list of blocks, or anything else.
    private static func output(_ content: JSONView) -> String? {
        guard content.kind == .array else { return content.output }
        let texts = content.compactMap { block in
            block["text"].outputText ?? block.outputText
                ?? "[\(block.text("type")?.keepingHead(bytes: 100) ?? "value")]"
        }
        return texts.joined(separator: "\n").capped(bytes: ToolLedger.outputBytes)
    }
}
