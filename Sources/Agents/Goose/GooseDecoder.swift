import Foundation
import RunnerCore

/// Decodes `goose run --output-format stream-json`.
struct GooseDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    private let name: String?

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "goose", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
        name = request.resumeSessionID ?? request.sessionID
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        var events: LineEvents = []
        if transcript.session == nil, let name { events = transcript.begin(AgentSession(id: name, model: model)) }
        switch type {
        case "message": return events + message(value["message"], at: time)
        case "notification": return events
        case "error":
            let failure = AgentFailure(
                text: value.text("error") ?? value["error"].output ?? "", fallback: .execution, at: time,
                timeZone: transcript.timeZone)
            return events + transcript.close(AgentResult(isError: true, errors: [failure.text]), failure: failure)
        case "complete": return events + complete(value)
        default: return events + [.unknown(UnknownEvent(name: type.head))]
        }
    }

    private mutating func message(_ message: JSONView, at time: Date) -> LineEvents {
        transcript.isOpen = true
        let isAssistant = "assistant" ~= message["role"]
        return message["content"].flatMap { block -> LineEvents in
            switch block["type"] {
            case "text": return isAssistant ? transcript.say(block.text("text")) : []
            case "thinking", "reasoning": return transcript.think(block.text("thinking") ?? block.text("text"))
            case "toolRequest":
                let call = block["toolCall"]["value"].or(block["toolCall"])
                return transcript.startTool(
                    block.name("id"), name: call.name("name"), input: call["arguments"].arguments, at: time)
            case "toolResponse":
                let result = block["toolResult"]
                let content = result["value"]["content"].or(result["value"])
                let failed = "error" ~= result["status"] || result["value"]["isError"].bool == true
                return transcript.finishTool(
                    block.name("id"),
                    output: content.blockText(within: ToolLedger.outputBytes) ?? result["error"].outputText,
                    failed: failed, at: time)
            default: return [.unknown(UnknownEvent(name: "message/\(block["type"].head ?? "")"))]
            }
        }
    }

    /// Without the two parts only their sum is known, which cannot be priced.
    private mutating func complete(_ value: JSONView) -> LineEvents {
        let tokens = UsageMeter.tokens(
            of: value, input: "input_tokens", output: "output_tokens", cacheRead: "cached_tokens")
        let usage = tokens.map { AgentEvent.usage(transcript.usage.add($0, model: model, costUSD: nil)) }
        let result = AgentResult(isError: false, text: transcript.lastMessage)
        return (usage.map { [$0] } ?? []) + transcript.close(result, failure: nil)
    }
}
