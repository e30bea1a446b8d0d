import Foundation
import RunnerCore

/// Decodes `vibe -p --output streaming`, and the export that it leaves at its end.
struct VibeDecoder: LineDecoder {
    static let report = "vibe-export"

    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// The export was seen, which says how it went.
    private var hasExport = false
    /// The last thing of the stream is something that the model said.
    private var endsWithSpeech = false

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "vibe", request: request, timeZone: timeZone)
        model = request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        if let content = AgentReport.content(of: value, name: Self.report) { return exported(content, at: time) }
        let type = value["type"]
        guard type.kind == .string, value["sessionId"].exists else { return nil }
        var events: LineEvents = []
        if transcript.session == nil, let id = value.name("sessionId") {
            events = transcript.begin(AgentSession(id: id, model: model))
        }
        switch type {
        case "message": return events + message(value)
        case "effect": return events + effect(value, at: time)
        case "callback":
            endsWithSpeech = false
            let title = value.text("title") ?? "approval asked"
            return events + [.notice(AgentNotice(text: title.keepingHead(bytes: 500)))]
        default: return events + [.unknown(UnknownEvent(name: type.head))]
        }
    }

    /// Discarded answers were repeated; only the committed one counts.
    private mutating func message(_ value: JSONView) -> LineEvents {
        guard "assistant" ~= value["role"] else {
            endsWithSpeech = false
            transcript.isOpen = true
            return []
        }
        guard !("discarded" ~= value["outcome"]["type"]) else { return [] }
        endsWithSpeech = true
        return value["content"].flatMap { block -> LineEvents in
            switch block["type"] {
            case "text": transcript.say(block.text("text"))
            case "thinking", "reasoning": transcript.think(block.text("text") ?? block.text("thinking"))
            default: []
            }
        }
    }

    /// One line holds the call and its result.
    private mutating func effect(_ value: JSONView, at time: Date) -> LineEvents {
        endsWithSpeech = false
        let id = transcript.tools.callID(value.name("id"))
        let detail = value["detail"]
        let state = value["state"]
        let started = transcript.startTool(
            id, name: detail.name("toolName"), input: detail["input"].arguments, at: time)
        let error = state["error"]
        let isDenied = "tool_denied" ~= error["code"] || "skip" ~= state["decision"]
        // A command that exits 3 has the status "completed"; only what is displayed tells.
        let failed = !("completed" ~= state["status"]) || state["display"]["success"].bool == false
        let output = Self.output(of: state) ?? error["message"].outputText ?? state["reason"].outputText
        return started + transcript.finishTool(id, output: output, failed: failed, denied: isDenied, at: time)
    }

    private static func output(of state: JSONView) -> String? {
        if let text = state["outputText"].outputText, !text.isEmpty { return text }
        let output = state["output"]
        guard output.exists, !("failure" ~= output["type"]) else { return nil }
        let keys: [StaticString] = ["content", "stdout", "output", "stderr"]
        let texts = keys.compactMap { output[$0].outputText }.filter { !$0.isEmpty }
        return texts.isEmpty ? output.output : texts.joined()
    }

    private mutating func exported(_ value: JSONView, at time: Date) -> LineEvents {
        var events: LineEvents = []
        let model = value["config"].name("active_model") ?? model
        if let id = value.name("session_id") {
            var session = transcript.session ?? AgentSession(id: id)
            session.model = session.model ?? model
            session.version = session.version ?? value.name("vibe_version")
            events += transcript.begin(session)
        }
        let tokens = UsageMeter.tokens(
            of: value["usage"], input: "input_tokens", output: "output_tokens", cacheRead: "cached_input_tokens")
        if let tokens, !hasExport {
            events.append(
                .usage(transcript.usage.add(tokens, model: model, costUSD: Money.amount(value["cost_usd"].double))))
        }
        hasExport = true
        let outcome = value.name("outcome")
        let isError = outcome != "finished"
        let result = AgentResult(
            isError: isError, subtype: outcome, terminalReason: value.name("stop_reason"),
            text: isError ? nil : transcript.lastMessage, errors: value["error"].text("message").map { [$0] } ?? [],
            turns: value.int("steps"))
        return events + transcript.close(result, failure: isError ? failure(outcome, value["error"], at: time) : nil)
    }

    private func failure(_ outcome: String?, _ error: JSONView, at time: Date) -> AgentFailure {
        let text = error.text("message") ?? ""
        switch outcome {
        case "turn_limit": return AgentFailure(kind: .maxTurns, text: text)
        case "price_limit", "token_limit": return AgentFailure(kind: .maxBudget, text: text, detail: outcome)
        case "length": return AgentFailure(kind: .outputLimit, text: text)
        case "terminated": return AgentFailure(kind: .interrupted, text: text)
        case "deadline", "time_limit": return AgentFailure(kind: .maxTurns, text: text, detail: "its time limit")
        default: return AgentFailure(text: text, at: time, timeZone: transcript.timeZone)
        }
    }

    /// Without an export, as after a kill, the stream and the exit status have to do.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        guard !hasExport else { return transcript.judge(exit) }
        if endsWithSpeech, exit.isClean, exit.status != nil {
            transcript.lastResult = AgentResult(isError: false, text: transcript.lastMessage)
            transcript.isOpen = false
            return transcript.judge(exit)
        }
        guard let kind = Self.kind(ofStatus: exit.status) else { return transcript.withoutResult(exit) }
        let text = transcript.lastPlainText ?? ""
        let detail = "exit status \(exit.status ?? 0)"
        var failure = AgentFailure(text: text, fallback: kind, at: time, timeZone: transcript.timeZone)
        if text.hasSuffix("Stopped: turn_limit") { failure.kind = .maxTurns }
        if text.hasSuffix("Stopped: price_limit") { failure.kind = .maxBudget }
        if text.hasSuffix("Stopped: length") { failure.kind = .outputLimit }
        failure.detail = failure.status == nil ? detail : nil
        return failure.outcome(agent: "vibe")
    }

    /// Its documented meanings: 1 configuration or usage, 2 infrastructure, 3 stopped or a limit.
    private static func kind(ofStatus status: Int?) -> AgentErrorKind? {
        switch status {
        case 1: .notStarted
        case 2: .serverError
        case 3: .interrupted
        default: nil
        }
    }
}
