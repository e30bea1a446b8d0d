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

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        let parent = value.name("parent_tool_use_id")
        switch type {
        case "system":
            guard "init" ~= value["subtype"], let id = value.name("session_id") else { return [] }
            return transcript.begin(AgentSession(id: id, model: value.name("model"), cwd: value.text("cwd")))
        case "assistant":
            let message = value["message"]
            return message["content"].flatMap { block($0, parent: parent, at: time) } + usage(message)
        case "user":
            return value["message"]["content"].flatMap { element in
                "tool_result" ~= element["type"] ? block(element, parent: parent, at: time) : []
            }
        case "result": return transcript.closeLikeClaude(value, at: time)
        default: return [.unknown(UnknownEvent(name: type.head))]
        }
    }

    private mutating func block(_ block: JSONView, parent: String?, at time: Date) -> LineEvents {
        switch block["type"] {
        case "text": transcript.say(block.text("text"), parent: parent)
        case "thinking": transcript.think(block.text("thinking"))
        case "tool_use":
            transcript.startTool(
                block.name("id"), name: block.name("name"), input: block["input"].arguments, parent: parent, at: time)
        case "tool_result":
            transcript.finishTool(
                block.name("tool_use_id"),
                output: block["content"].blockText(within: ToolLedger.outputBytes) ?? block["content"].output,
                failed: block["is_error"].bool == true, at: time)
        default: []
        }
    }

    private mutating func usage(_ message: JSONView) -> LineEvents {
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
