import Foundation
import RunnerCore

/// Decodes `vibe -p --output streaming`, and the export that it leaves at its end.
struct VibeDecoder: LineDecoder {
    static let report = "vibe-export"

    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// From the export: how it went, in Vibe's own word.
    private var export: JSONValue?
    /// The last thing of the stream is something that the model said.
    private var endsWithSpeech = false

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "vibe", request: request, timeZone: timeZone)
        model = request.model
    }

    mutating func event(_ value: JSONValue, at time: Date) -> [AgentEvent]? {
        if let content = AgentReport.content(of: value, name: Self.report) { return exported(content, at: time) }
        guard let type = value.text("type"), value["sessionId"] != nil else { return nil }
        var events: [AgentEvent] = []
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
        default: return events + [.unknown(UnknownEvent(name: type.keepingHead(bytes: 200)))]
        }
    }

    /// Discarded answers were repeated; only the committed one counts.
    private mutating func message(_ value: JSONValue) -> [AgentEvent] {
        guard value.text("role") == "assistant" else {
            endsWithSpeech = false
            transcript.isOpen = true
            return []
        }
        guard value["outcome"]?.text("type") != "discarded" else { return [] }
        endsWithSpeech = true
        return value.list("content").flatMap { block -> [AgentEvent] in
            switch block.text("type") {
            case "text": transcript.say(block.text("text"))
            case "thinking", "reasoning": transcript.think(block.text("text") ?? block.text("thinking"))
            default: []
            }
        }
    }

    /// One line holds the call and its result.
    private mutating func effect(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        endsWithSpeech = false
        let id = transcript.tools.callID(value.name("id"))
        let detail = value["detail"] ?? .null
        let state = value["state"] ?? .null
        let started = transcript.startTool(id, name: detail.name("toolName"), input: detail["input"], at: time)
        let error = state["error"]
        let isDenied = error?.text("code") == "tool_denied" || state.text("decision") == "skip"
        // A command that exits 3 has the status "completed"; only what is displayed tells.
        let failed = state.text("status") != "completed" || state["display"]?["success"]?.boolValue == false
        let output = Self.output(of: state) ?? error?.text("message") ?? state.text("reason")
        return started + transcript.finishTool(id, output: output, failed: failed, denied: isDenied, at: time)
    }

    private static func output(of state: JSONValue) -> String? {
        if let text = state.text("outputText"), !text.isEmpty { return text }
        guard let output = state["output"], output.text("type") != "failure" else { return nil }
        let texts = ["content", "stdout", "output", "stderr"].compactMap { output.text($0) }.filter { !$0.isEmpty }
        return texts.isEmpty ? output.asText : texts.joined()
    }

    private mutating func exported(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        var events: [AgentEvent] = []
        let model = value["config"]?.name("active_model") ?? model
        if let id = value.name("session_id") {
            var session = transcript.session ?? AgentSession(id: id)
            session.model = session.model ?? model
            session.version = session.version ?? value.name("vibe_version")
            events += transcript.begin(session)
        }
        let tokens = UsageMeter.tokens(
            of: value["usage"], input: "input_tokens", output: "output_tokens", cacheRead: "cached_input_tokens")
        if let tokens, export == nil {
            events.append(
                .usage(transcript.usage.add(tokens, model: model, costUSD: Money.amount(value["cost_usd"]))))
        }
        export = value
        let outcome = value.name("outcome")
        let isError = outcome != "finished"
        let result = AgentResult(
            isError: isError, subtype: outcome, terminalReason: value.name("stop_reason"),
            text: isError ? nil : transcript.lastMessage, errors: value["error"]?.text("message").map { [$0] } ?? [],
            turns: value.int("steps"))
        return events + transcript.close(result, failure: isError ? failure(outcome, value["error"], at: time) : nil)
    }

    private func failure(_ outcome: String?, _ error: JSONValue?, at time: Date) -> AgentFailure {
        let text = error?.text("message") ?? ""
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
        guard export == nil else { return transcript.judge(exit) }
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
