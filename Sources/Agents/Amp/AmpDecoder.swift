import Foundation
import RunnerCore

/// Decodes `amp --execute --stream-json`, whose lines have the shape of Claude Code's.
struct AmpDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// Messages whose usage is counted: one message may come as several lines.
    private var counted: Set<String> = []

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "amp", request: request, timeZone: timeZone)
        model = nil
    }

    mutating func event(_ value: JSONValue, at time: Date) -> [AgentEvent]? {
        guard let type = value.text("type") else { return nil }
        let parent = value.name("parent_tool_use_id")
        switch type {
        case "system":
            guard value.text("subtype") == "init", let id = value.name("session_id") else { return [] }
            return transcript.begin(AgentSession(id: id, model: value.name("model"), cwd: value.text("cwd")))
        case "assistant":
            let message = value["message"] ?? .null
            return message.list("content").flatMap { block($0, parent: parent, at: time) } + usage(message)
        case "user":
            let results = (value["message"]?.list("content") ?? []).filter { $0.text("type") == "tool_result" }
            return results.flatMap { block($0, parent: parent, at: time) }
        case "result": return transcript.closeLikeClaude(value, at: time)
        default: return [.unknown(UnknownEvent(name: type.keepingHead(bytes: 200)))]
        }
    }

    private mutating func block(_ block: JSONValue, parent: String?, at time: Date) -> [AgentEvent] {
        switch block.text("type") {
        case "text": transcript.say(block.text("text"), parent: parent)
        case "thinking": transcript.think(block.text("thinking"))
        case "tool_use":
            transcript.startTool(
                block.name("id"), name: block.name("name"), input: block["input"], parent: parent, at: time)
        case "tool_result":
            transcript.finishTool(
                block.name("tool_use_id"), output: block["content"]?.blockText ?? block["content"]?.asText,
                failed: block["is_error"]?.boolValue == true, at: time)
        default: []
        }
    }

    private mutating func usage(_ message: JSONValue) -> [AgentEvent] {
        if let id = message.name("id") {
            guard counted.count < 100_000, counted.insert(id).inserted else { return [] }
        }
        let tokens = UsageMeter.tokens(
            of: message["usage"], input: "input_tokens", output: "output_tokens", cacheRead: "cache_read_input_tokens",
            cacheWrite: "cache_creation_input_tokens", includesCached: false)
        guard let tokens else { return [] }
        return [.usage(transcript.usage.add(tokens, model: message.name("model"), costUSD: nil))]
    }
}
