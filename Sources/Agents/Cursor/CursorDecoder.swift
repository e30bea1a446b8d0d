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

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        switch type {
        case "system":
            guard "init" ~= value["subtype"], let id = value.name("session_id") else { return [] }
            return transcript.begin(
                AgentSession(
                    id: id, model: value.name("model") ?? model, cwd: value.text("cwd"),
                    permissionMode: value.name("permissionMode")))
        case "user": return []
        case "assistant": return transcript.say(value["message"]["content"].blockText)
        case "thinking": return "delta" ~= value["subtype"] ? [] : transcript.think(value.text("text"))
        case "tool_call": return toolCall(value, at: time)
        case "result": return transcript.closeLikeClaude(value, at: time)
        default: return [.unknown(UnknownEvent(name: type.head))]
        }
    }

    /// The one member of `tool_call` names the tool: `shellToolCall`, `editToolCall` …
    private mutating func toolCall(_ value: JSONView, at time: Date) -> LineEvents {
        let calls = value["tool_call"]
        var first: (key: String, index: Int)?
        calls.forEachMember { key, call in if first.map({ key <= $0.key }) ?? true { first = (key, call.index) } }
        guard let (key, index) = first else { return [.unknown(UnknownEvent(name: "tool_call"))] }
        let call = calls.at(index)
        let id = transcript.tools.callID(value.name("call_id"))
        let name = key.hasSuffix("ToolCall") ? String(key.dropLast(8)) : key
        let started = transcript.startTool(id, name: name, input: call["args"].arguments, at: time)
        guard "completed" ~= value["subtype"] else { return started }
        let result = call["result"]
        let isRejected = result["rejected"].exists
        let failed = !result["success"].exists || isRejected
        let detail = result["success"].or(result["error"]).or(result["rejected"]).or(result)
        let failedCommand = (detail.int("exitCode") ?? 0) != 0
        let output = detail["stdout"].outputText ?? detail["content"].outputText ?? detail.output
        return started
            + transcript.finishTool(id, output: output, failed: failed || failedCommand, denied: isRejected, at: time)
    }
}
