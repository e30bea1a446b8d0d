import Foundation
import RunnerCore

/// Decodes `copilot --output-format json`; it tells of output tokens only.
struct CopilotDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "copilot", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        let data = value["data"]
        switch type {
        case "assistant.message": return message(data, at: time)
        case "assistant.reasoning": return transcript.think(data.text("content"))
        case "tool.execution_start":
            return transcript.startTool(
                data.name("toolCallId"), name: data.name("toolName"), input: data["arguments"].arguments, at: time)
        case "tool.execution_complete":
            let output = data["result"]["content"].outputText ?? data["result"].output ?? data["error"].output
            return transcript.finishTool(
                data.name("toolCallId"), output: output, failed: data["success"].bool != true, at: time)
        case "session.error":
            let text = data.text("message") ?? ""
            return transcript.fail(AgentFailure(text: text, at: time, timeZone: transcript.timeZone))
        case "session.start":
            guard let id = data.name("sessionId") else { return [] }
            return transcript.begin(AgentSession(id: id, model: model, version: data.name("copilotVersion")))
        case "result": return result(value)
        case "assistant.turn_start":
            transcript.isOpen = true
            return []
        case "user.message", "assistant.turn_end", "assistant.message_delta", "assistant.reasoning_delta": return []
        default:
            let name = type.head ?? ""
            let isKnown = ["session.", "tool.", "hook."].contains { name.hasPrefix($0) }
            return isKnown ? [] : [.unknown(UnknownEvent(name: name))]
        }
    }

    private mutating func message(_ data: JSONView, at time: Date) -> LineEvents {
        var events = transcript.say(data.text("content"))
        if let output = data.int("outputTokens"), output >= 0, output < 1_000_000_000 {
            let tokens = TokenUsage(output: output)
            events.append(.usage(transcript.usage.add(tokens, model: data.name("model") ?? model, costUSD: nil)))
        }
        return events
            + data["toolRequests"].flatMap { call in
                transcript.startTool(
                    call.name("toolCallId"), name: call.name("name"), input: call["arguments"].arguments, at: time)
            }
    }

    private mutating func result(_ value: JSONView) -> LineEvents {
        var events: LineEvents = []
        if transcript.session == nil, let id = value.name("sessionId") {
            events = transcript.begin(AgentSession(id: id, model: model))
        }
        let status = value.int("exitCode")
        let failure =
            transcript.failure ?? AgentFailure(kind: .execution, text: "", detail: "exit code \(status ?? -1)")
        let isError = status != 0 || transcript.failure != nil
        return events
            + transcript.close(
                AgentResult(
                    isError: isError, text: isError ? nil : transcript.lastMessage,
                    durationMilliseconds: value["usage"].int("sessionDurationMs")), failure: failure)
    }
}
