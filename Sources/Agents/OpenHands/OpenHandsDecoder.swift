import Foundation
import RunnerCore

/// Decodes `openhands --headless --json`: events between boxes and prose, and the state file of the conversation.
struct OpenHandsDecoder: LineDecoder {
    static let report = "openhands-state"

    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// The id that the conversation was started under, in its own form.
    private let id: String?
    /// The last event says that the agent is done: a message to the person, or its `finish` tool.
    private var isDone = false

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "openhands", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
        id = (request.resumeSessionID ?? request.sessionID)?.lowercased().replacing("-", with: "")
    }

    mutating func event(_ value: JSONValue, at time: Date) -> [AgentEvent]? {
        if let content = AgentReport.content(of: value, name: Self.report) { return state(content) }
        guard let kind = value.text("kind") else { return nil }
        guard transcript.session == nil, let id else { return event(kind, value, at: time) }
        return transcript.begin(AgentSession(id: id, model: model)) + event(kind, value, at: time)
    }

    private mutating func event(_ kind: String, _ value: JSONValue, at time: Date) -> [AgentEvent] {
        switch kind {
        case "MessageEvent": return message(value)
        case "ActionEvent": return action(value, at: time)
        case "ObservationEvent":
            let observation = value["observation"] ?? .null
            isDone = observation.text("kind") == "FinishObservation"
            let failed = observation["is_error"]?.boolValue == true || (observation.int("exit_code") ?? 0) != 0
            return transcript.finishTool(
                value.name("tool_call_id"), output: observation["content"]?.blockText, failed: failed, at: time)
        case "AgentErrorEvent":
            isDone = false
            return transcript.finishTool(
                value.name("tool_call_id"), output: value.text("error"), failed: true, at: time)
        case "UserRejectObservation":
            isDone = false
            return transcript.finishTool(
                value.name("tool_call_id"), output: value.text("rejection_reason"), failed: true, denied: true,
                at: time)
        case "ConversationErrorEvent":
            isDone = false
            let code = value.name("code") ?? ""
            var failure = AgentFailure(
                text: "\(code): \(value.text("detail") ?? "")", fallback: .execution, at: time,
                timeZone: transcript.timeZone)
            failure.detail = code.isEmpty ? nil : code
            failure.text = value.text("detail")?.capped(bytes: 4096) ?? ""
            return transcript.fail(failure)
        case "SystemPromptEvent", "ConversationStateUpdateEvent", "TokenEvent", "Condensation", "CondensationRequest",
            "PauseEvent":
            return []
        default: return [.unknown(UnknownEvent(name: kind.keepingHead(bytes: 200)))]
        }
    }

    private mutating func message(_ value: JSONValue) -> [AgentEvent] {
        transcript.isOpen = true
        isDone = value.text("source") == "agent"
        guard isDone else { return [] }
        let message = value["llm_message"]
        return transcript.think(message?.text("reasoning_content")) + transcript.say(message?["content"]?.blockText)
    }

    private mutating func action(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        isDone = false
        let thought = value["thought"]?.blockText
        let spoken = transcript.think(value.text("reasoning_content")) + transcript.say(thought)
        let name = value.name("tool_name")
        let action = value["action"] ?? .null
        if name == "finish", let text = action.text("message") {
            return spoken
                + transcript.startTool(
                    value.name("tool_call_id"), name: name, input: arguments(action), at: time)
                + transcript.say(text)
        }
        return spoken
            + transcript.startTool(value.name("tool_call_id"), name: name, input: arguments(action), at: time)
    }

    /// The arguments without those that were left out.
    private func arguments(_ action: JSONValue) -> JSONValue {
        guard case .object(let members) = action else { return .object([:]) }
        return .object(members.filter { $0.key != "kind" && $0.value != .null })
    }

    /// The id is told in prose at the end only. Not from a line that an agent's message could hold: those are boxed.
    mutating func prose(_ text: String, at time: Date) -> [AgentEvent] {
        guard let match = text.wholeMatch(of: /Conversation ID: ([0-9a-f]{32})\s*/) else { return [] }
        let wasOpen = transcript.isOpen
        defer { transcript.isOpen = wasOpen }
        return transcript.begin(AgentSession(id: String(match.1), model: model))
    }

    /// Totals of the whole conversation, earlier processes included.
    private mutating func state(_ content: JSONValue) -> [AgentEvent] {
        guard case .object(let metrics) = content["stats"]?["usage_to_metrics"] ?? .null else { return [] }
        var total = TokenUsage()
        var cost = 0.0
        for metric in metrics.values {
            let tokens = UsageMeter.tokens(
                of: metric["accumulated_token_usage"], input: "prompt_tokens", output: "completion_tokens",
                cacheRead: "cache_read_tokens", cacheWrite: "cache_write_tokens")
            total = total + (tokens ?? TokenUsage())
            cost += Money.amount(metric["accumulated_cost"]) ?? 0
        }
        // It says 0 for models whose price it does not know.
        let known = cost > 0 ? Money.rounded(cost) : nil
        let name = metrics["agent"]?.name("model_name") ?? model
        let report = transcript.usage.advance(to: total, model: name, costUSD: known)
        return report.map { [.usage($0)] } ?? []
    }

    /// Its exit status is 0 for nearly everything: only an agent that had the last word was successful.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if let failure = transcript.failure, exit.isClean { return failure.outcome(agent: "openhands") }
        guard isDone, exit.isClean else { return transcript.withoutResult(exit) }
        transcript.isOpen = false
        transcript.lastResult = AgentResult(isError: false, text: transcript.lastMessage)
        return transcript.judge(exit)
    }
}
