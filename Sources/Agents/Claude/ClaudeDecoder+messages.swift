import Foundation
import RunnerCore

extension ClaudeDecoder {
    mutating func assistant(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        let parent = Self.identifier(value["parent_tool_use_id"])
        let message = value["message"]
        let content = Self.blocks(message?["content"])
        let model = message?["model"]?.stringValue
        let code = value["error"]?.stringValue
        if code != nil || value["is_api_error_message"]?.boolValue == true {
            return problem(value, text: Self.text(of: content), code: code, isFatal: parent == nil, at: time)
        }
        if model == "<synthetic>" { return synthetic(value, text: Self.text(of: content), parent: parent, at: time) }
        if parent == nil {
            isTurnOpen = true
            apiError = nil
            spokenModel = spokenModel ?? model?.keepingHead(bytes: 200)
        }
        return content.flatMap { block($0, parent: parent, at: time) }
    }

    /// Written by the program, not by the model; old versions do not mark the errors among such texts.
    private mutating func synthetic(
        _ value: JSONValue, text: String, parent: String?, at time: Date
    ) -> [AgentEvent] {
        let isError = text.hasPrefix("API Error") || ClaudeLimitText(text, at: time, timeZone: timeZone) != nil
        if isError { return problem(value, text: text, code: nil, isFatal: parent == nil, at: time) }
        return text.isEmpty ? [] : [.notice(AgentNotice(text: text))]
    }

    private mutating func block(_ block: JSONValue, parent: String?, at time: Date) -> [AgentEvent] {
        switch block["type"]?.stringValue {
        case "text":
            guard let text = block["text"]?.stringValue, !text.isEmpty else { return [] }
            if parent == nil { lastMessage = text.capped(bytes: Self.finalTextBytes) }
            return [.message(AgentMessage(text: text, parent: parent))]
        case "thinking":
            guard let text = block["thinking"]?.stringValue, !text.isEmpty else { return [] }
            return [.thinking(AgentMessage(text: text, parent: parent))]
        case "tool_use", "server_tool_use", "mcp_tool_use":
            let id = tools.callID(block["id"]?.stringValue)
            let name = block["name"]?.stringValue
            let input = (block["input"] ?? .object([:])).capped(bytes: ToolLedger.argumentBytes)
            guard tools.start(id, name: name, arguments: input, at: time) else { return [] }
            return [.toolStarted(ToolStart(id: id, name: name ?? "unknown", input: input, parent: parent))]
        case .some(let type) where type.hasSuffix("tool_result"):
            return [toolResult(block, refused: [], at: time)]
        case "redacted_thinking": return []
        case let type: return [.unknown(UnknownEvent(name: "assistant/\(type?.keepingHead(bytes: 200) ?? "")"))]
        }
    }

    /// What a user said is known, or was put in by the program; only results of tools are new.
    mutating func toolResults(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        if Self.identifier(value["parent_tool_use_id"]) == nil { isTurnOpen = true }
        let refused = (value["tool_result_meta"]?.arrayValue ?? []).compactMap { meta -> String? in
            guard meta["permission_decision"]?["decision"]?.stringValue == "reject" else { return nil }
            return meta["id"]?.stringValue
        }
        return Self.blocks(value["message"]?["content"]).compactMap { block in
            guard block["type"]?.stringValue == "tool_result" else { return nil }
            return toolResult(block, refused: refused, at: time)
        }
    }

    private mutating func toolResult(_ block: JSONValue, refused: [String], at time: Date) -> AgentEvent {
        let id = tools.callID(block["tool_use_id"]?.stringValue)
        if refused.contains(id) { tools.deny(id, at: time) }
        let output = Self.output(block["content"])?.capped(bytes: ToolLedger.outputBytes)
        let failed = block["is_error"]?.boolValue == true || tools.isDenied(id)
        // A result whose call was never seen is kept all the same.
        _ = tools.start(id, name: nil, arguments: .object([:]), at: time)
        tools.finish(id, output: output, failed: failed, at: time)
        return .toolFinished(ToolFinish(id: id, failed: failed, denied: tools.isDenied(id), output: output))
    }

    private mutating func problem(
        _ value: JSONValue, text: String, code: String?, isFatal: Bool, at time: Date
    ) -> [AgentEvent] {
        var failure = ClaudeFailure(
            code: code, status: value["api_error_status"]?.intValue, type: value["api_error_type"]?.stringValue,
            cause: value["api_error"]?.stringValue, text: text.capped(bytes: 4096))
        markUsageLimit(&failure, at: time)
        if isFatal {
            apiError = failure
            isTurnOpen = true
        }
        switch failure.kind {
        case .rateLimit, .usageLimit, .overloaded, .billing:
            return [.limit(AgentLimit(kind: failure.kind, resetsAt: failure.resetsAt, text: failure.text))]
        default:
            return [.error(AgentProblem(kind: failure.kind, message: failure.text, isFatal: isFatal))]
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

    private static func blocks(_ content: JSONValue?) -> [JSONValue] {
        switch content {
        case .array(let blocks): blocks
        case .string(let text): [.object(["type": .string("text"), "text": .string(text)])]
        default: []
        }
    }

    private static func text(of blocks: [JSONValue]) -> String {
        blocks.compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
    }

    /// A tool's result as text: it is a text, a list of blocks, or anything else.
    private static func output(_ content: JSONValue?) -> String? {
        switch content {
        case nil, .null: return nil
        case .string(let text): return text
        case .array(let blocks):
            return blocks.map { block in
                block["text"]?.stringValue ?? block.stringValue
                    ?? "[\(block["type"]?.stringValue?.keepingHead(bytes: 100) ?? "value")]"
            }.joined(separator: "\n")
        case .some(let value): return try? JSONLine.encode(value.capped(bytes: ToolLedger.outputBytes))
        }
    }
}
