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

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        if let content = AgentReport.content(of: value, name: Self.report) { return state(content) }
        let kind = value["kind"]
        guard kind.kind == .string else { return nil }
        let begun = transcript.session == nil ? id.map { transcript.begin(AgentSession(id: $0, model: model)) } : nil
        return (begun ?? []) + event(kind, value, at: time)
    }

    private mutating func event(_ kind: JSONView, _ value: JSONView, at time: Date) -> LineEvents {
        switch kind {
        case "MessageEvent": return message(value)
        case "ActionEvent": return action(value, at: time)
        case "ObservationEvent":
            let observation = value["observation"]
            isDone = "FinishObservation" ~= observation["kind"]
            let failed = observation["is_error"].bool == true || (observation.int("exit_code") ?? 0) != 0
            return transcript.finishTool(
                value.name("tool_call_id"), output: observation["content"].blockText(within: ToolLedger.outputBytes),
                failed: failed, at: time)
        case "AgentErrorEvent":
            isDone = false
            return transcript.finishTool(
                value.name("tool_call_id"), output: value["error"].outputText, failed: true, at: time)
        case "UserRejectObservation":
            isDone = false
            return transcript.finishTool(
                value.name("tool_call_id"), output: value["rejection_reason"].outputText, failed: true, denied: true,
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
        default: return [.unknown(UnknownEvent(name: kind.head))]
        }
    }

    private mutating func message(_ value: JSONView) -> LineEvents {
        transcript.isOpen = true
        isDone = "agent" ~= value["source"]
        guard isDone else { return [] }
        let message = value["llm_message"]
        return transcript.think(message.text("reasoning_content")) + transcript.say(message["content"].blockText)
    }

    private mutating func action(_ value: JSONView, at time: Date) -> LineEvents {
        isDone = false
        let thought = value["thought"].blockText
        let spoken = transcript.think(value.text("reasoning_content")) + transcript.say(thought)
        let name = value.name("tool_name")
        let action = value["action"]
        if name == "finish", let text = action.text("message") {
            return spoken
                + transcript.startTool(
                    value.name("tool_call_id"), name: name, input: Self.arguments(action), at: time)
                + transcript.say(text)
        }
        return spoken
            + transcript.startTool(value.name("tool_call_id"), name: name, input: Self.arguments(action), at: time)
    }

    /// The arguments without those that were left out.
    private static func arguments(_ action: JSONView) -> JSONDocument {
        guard case .object(let members) = action.arguments.value else { return .empty }
        return JSONDocument(.object(members.filter { $0.key != "kind" && $0.value != .null }))
    }

    /// The id is told in prose at the end only. Not from a line that an agent's message could hold: those are boxed.
    mutating func prose(_ text: String, at time: Date) -> LineEvents {
        guard let match = text.wholeMatch(of: /Conversation ID: ([0-9a-f]{32})\s*/) else { return [] }
        let wasOpen = transcript.isOpen
        defer { transcript.isOpen = wasOpen }
        return transcript.begin(AgentSession(id: String(match.1), model: model))
    }

    /// Totals of the whole conversation, earlier processes included.
    private mutating func state(_ content: JSONView) -> LineEvents {
        let metrics = content["stats"]["usage_to_metrics"]
        guard metrics.kind == .object else { return [] }
        // By name: of a name that comes twice the last one counts.
        var uses: [String: (tokens: TokenUsage?, cost: Double?)] = [:]
        metrics.forEachMember { name, metric in
            let tokens = UsageMeter.tokens(
                of: metric["accumulated_token_usage"], input: "prompt_tokens", output: "completion_tokens",
                cacheRead: "cache_read_tokens", cacheWrite: "cache_write_tokens")
            uses[name] = (tokens, Money.amount(metric["accumulated_cost"].double))
        }
        let total = uses.values.reduce(TokenUsage()) { $0 + ($1.tokens ?? TokenUsage()) }
        let cost = uses.values.reduce(0) { $0 + ($1.cost ?? 0) }
        // It says 0 for models whose price it does not know.
        let known = cost > 0 ? Money.rounded(cost) : nil
        let name = metrics["agent"].name("model_name") ?? model
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
