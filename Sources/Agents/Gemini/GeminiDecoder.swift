import Foundation
import RunnerCore

/// Decodes `gemini -o stream-json`.
struct GeminiDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// An answer that comes in pieces.
    private var pieces = ""

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "gemini", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        if "message" ~= type, value["delta"].bool == true, "assistant" ~= value["role"] {
            transcript.isOpen = true
            if pieces.utf8.count < Transcript.finalTextBytes { pieces += value.text("content") ?? "" }
            return []
        }
        return flush() + known(type, value, at: time)
    }

    private mutating func flush() -> LineEvents {
        defer { pieces = "" }
        return pieces.isEmpty ? [] : transcript.say(pieces)
    }

    private mutating func known(_ type: JSONView, _ value: JSONView, at time: Date) -> LineEvents {
        switch type {
        case "init":
            guard let id = value.name("session_id") else { return [] }
            return transcript.begin(AgentSession(id: id, model: value.name("model") ?? model))
        case "message": return "assistant" ~= value["role"] ? transcript.say(value.text("content")) : []
        case "tool_use":
            return transcript.startTool(
                value.name("tool_id"), name: value.name("tool_name"), input: value["parameters"].arguments, at: time)
        case "tool_result":
            let output = value["output"].outputText ?? value["error"]["message"].outputText ?? value["error"].output
            return transcript.finishTool(
                value.name("tool_id"), output: output, failed: !("success" ~= value["status"]), at: time)
        case "error":
            let text = value.text("message") ?? ""
            guard "error" ~= value["severity"] else { return [.notice(AgentNotice(text: text))] }
            return transcript.fail(AgentFailure(text: text, at: time, timeZone: transcript.timeZone))
        case "result": return result(value, at: time)
        default: return [.unknown(UnknownEvent(name: type.head))]
        }
    }

    private mutating func result(_ value: JSONView, at time: Date) -> LineEvents {
        let stats = value["stats"]
        var events: LineEvents = []
        // "input_tokens" counts cached ones too; newer versions give the rest as "input".
        if let tokens = UsageMeter.tokens(
            of: stats, input: "input_tokens", output: "output_tokens", cacheRead: "cached")
        {
            events.append(.usage(transcript.usage.add(tokens, model: transcript.session?.model ?? model, costUSD: nil)))
        }
        let error = value["error"]
        let isError = !("success" ~= value["status"]) || (error.exists && error.kind != .null)
        let text = [error.text("type"), error.text("message")].compactMap { $0 }.joined(separator: ": ")
        let failure = AgentFailure(text: text, at: time, timeZone: transcript.timeZone)
        return events
            + transcript.close(
                AgentResult(
                    isError: isError, subtype: value.name("status"), text: isError ? nil : transcript.lastMessage,
                    errors: isError && !text.isEmpty ? [failure.text] : [],
                    durationMilliseconds: stats.int("duration_ms")), failure: failure)
    }

    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if transcript.failure == nil, transcript.lastResult == nil || transcript.isOpen,
            let kind = Self.kind(ofStatus: exit.status)
        {
            return AgentFailure(
                kind: kind, text: transcript.lastPlainText ?? "", detail: "exit status \(exit.status ?? 0)"
            ).outcome(agent: "gemini")
        }
        return transcript.judge(exit)
    }

    /// Its documented exit statuses.
    private static func kind(ofStatus status: Int?) -> AgentErrorKind? {
        switch status {
        case 41: .authentication
        case 42: .invalidRequest
        case 52: .notStarted
        case 53: .maxTurns
        case 130: .interrupted
        default: nil
        }
    }
}
