import Foundation
import RunnerCore

/// Decodes `cursor-agent -p --output-format stream-json`, which tells of no tokens.
struct CursorDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "cursor", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONValue, at time: Date) -> [AgentEvent]? {
        guard let type = value.text("type") else { return nil }
        switch type {
        case "system":
            guard value.text("subtype") == "init", let id = value.name("session_id") else { return [] }
            return transcript.begin(
                AgentSession(
                    id: id, model: value.name("model") ?? model, cwd: value.text("cwd"),
                    permissionMode: value.name("permissionMode")))
        case "user": return []
        case "assistant": return transcript.say(value["message"]?["content"]?.blockText)
        case "thinking": return value.text("subtype") == "delta" ? [] : transcript.think(value.text("text"))
        case "tool_call": return toolCall(value, at: time)
        case "result": return transcript.closeLikeClaude(value, at: time)
        default: return [.unknown(UnknownEvent(name: type.keepingHead(bytes: 200)))]
        }
    }

    /// The one member of `tool_call` names the tool: `shellToolCall`, `editToolCall` …
    private mutating func toolCall(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        guard case .object(let members) = value["tool_call"] ?? .null, let key = members.keys.sorted().first,
            let call = members[key]
        else { return [.unknown(UnknownEvent(name: "tool_call"))] }
        let id = transcript.tools.callID(value.name("call_id"))
        let name = key.hasSuffix("ToolCall") ? String(key.dropLast(8)) : key
        let started = transcript.startTool(id, name: name, input: call["args"], at: time)
        guard value.text("subtype") == "completed" else { return started }
        let result = call["result"]
        let isRejected = result?["rejected"] != nil
        let failed = result?["success"] == nil || isRejected
        let detail = result?["success"] ?? result?["error"] ?? result?["rejected"] ?? result
        let failedCommand = (detail?.int("exitCode") ?? 0) != 0
        let output = detail?.text("stdout") ?? detail?.text("content") ?? detail?.asText
        return started
            + transcript.finishTool(id, output: output, failed: failed || failedCommand, denied: isRejected, at: time)
    }
}
