import Foundation
import RunnerCore

/// Decodes `opencode run --format json`.
struct OpenCodeDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "opencode", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        var events: LineEvents = []
        if transcript.session == nil, let id = value.name("sessionID") {
            events = transcript.begin(AgentSession(id: id, model: model))
        }
        let part = value["part"]
        switch type {
        case "step_start":
            transcript.isOpen = true
            return events
        case "text": return events + transcript.say(part.text("text"))
        case "reasoning": return events + transcript.think(part.text("text"))
        case "tool_use":
            let state = part["state"]
            let id = transcript.tools.callID(part.name("callID"))
            return events + transcript.startTool(id, name: part.name("tool"), input: state["input"].arguments, at: time)
                + transcript.finishTool(
                    id, output: state["output"].output ?? state["error"].output,
                    failed: !("completed" ~= state["status"]), at: time)
        case "step_finish": return events + finished(part)
        case "error":
            let error = value["error"]
            let text = error["data"].text("message") ?? error.text("message") ?? error.output ?? ""
            return events + transcript.fail(AgentFailure(text: text, at: time, timeZone: transcript.timeZone))
        case "done":
            transcript.isOpen = false
            return events
        default: return events + [.unknown(UnknownEvent(name: type.head))]
        }
    }

    /// A step that ends with a tool call is followed by another; any other reason is the end of the answer.
    private mutating func finished(_ part: JSONView) -> LineEvents {
        let count = part["tokens"]
        // The cached ones stand in an object of their own.
        let own = UsageMeter.tokens(of: count, input: "input", output: "output", cacheRead: "")
        let cached = UsageMeter.tokens(
            of: count["cache"], input: "", output: "", cacheRead: "read", cacheWrite: "write", includesCached: false)
        let tokens = own.map { $0 + (cached ?? TokenUsage()) } ?? cached
        // It says 0 for models whose price it does not know.
        let cost = Money.amount(part["cost"].double).flatMap { $0 > 0 ? $0 : nil }
        let usage = tokens.map { AgentEvent.usage(transcript.usage.add($0, model: model, costUSD: cost)) }
        let events = LineEvents(usage)
        let reason = part.name("reason")
        guard reason != "tool-calls" else { return events }
        let isError = reason != "stop"
        let kind: AgentErrorKind = reason == "length" ? .outputLimit : .execution
        return events
            + transcript.close(
                AgentResult(isError: isError, terminalReason: reason, text: isError ? nil : transcript.lastMessage),
                failure: AgentFailure(kind: kind, text: "its last step ended with \"\(reason ?? "")\""))
    }
}
