import Foundation
import RunnerCore

/// Decodes what `ACPConversation` puts out: the agent's messages, and lines of the runner's own between them.
struct ACPDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    let resumed: String?
    private var version: String?
    /// What comes before the prompt is the history of the session.
    var isPrompted = false
    var isOver = false
    /// A message comes in pieces of a few words.
    private var piece = Piece()
    var knownLogins: String?
    /// Whether the agent can load a session, and whether it was asked for the other way to go on with one.
    var (loads, isResuming) = (false, false)
    /// In dollars, of the whole session.
    private var sessionCost: Double?

    private struct Piece {
        var kind: String?
        var id: String?
        var text = ""
    }

    private static let pieceBytes = 64 << 10

    init(agent: String, request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: agent, request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
        resumed = request.resumeSessionID
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        if let own = value.text(ACPMessage.ownKey) { return ownLine(own, value, at: time) }
        let parameters = value["params"]
        switch value.text("method") {
        case "session/update": return isPrompted && !isOver ? update(parameters["update"], at: time) : []
        case "session/request_permission":
            return isPrompted && !isOver ? flush() + call(parameters["toolCall"], at: time) : []
        case "fs/read_text_file", "fs/write_text_file": return []
        case let method?: return [.unknown(UnknownEvent(name: method.keepingHead(bytes: 200)))]
        case nil: break
        }
        guard let number = value.int("id") ?? value.name("id").flatMap({ Int($0) }),
            value["result"].exists || value["error"].exists
        else { return nil }
        guard let message = ACPMessage(rawValue: number) else { return [] }
        if value["error"].isSet { return failed(message, value["error"], at: time) }
        return answered(message, value["result"], at: time)
    }

    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        _ = flush()
        // The runner's own lines are no sign of life.
        if transcript.session == nil, transcript.failure == nil { transcript.hasEvents = false }
        return transcript.judge(exit)
    }

    private mutating func ownLine(_ what: String, _ value: JSONView, at time: Date) -> LineEvents {
        switch what {
        case "request":
            if value.int("id") == ACPMessage.session.rawValue {
                isResuming = value["method"].string == "session/resume"
            }
            guard value.int("id") == ACPMessage.prompt.rawValue else { return [] }
            isPrompted = true
            transcript.isOpen = true
            return []
        case "permission":
            let id = value.name("toolCallId")
            let title = value.text("title") ?? id ?? "a tool"
            let by = value.text("by").map { " by \($0)" } ?? ""
            guard value["allowed"].bool != true else {
                // What the policy allows is of no interest.
                return by.isEmpty ? [] : [.notice(AgentNotice(text: "permission was given\(by): \(title)"))]
            }
            if let id { transcript.tools.deny(id, at: time) }
            return [
                .notice(AgentNotice(text: "permission was asked for and denied\(by): \(title)".capped(bytes: 1000)))
            ]
        case "question":
            let title = value.text("title") ?? ""
            return [
                .notice(
                    AgentNotice(
                        text: "asks for permission (runner approve, runner reject): \(title)", question: title))
            ]
        case "waiting": return []
        case "notice": return [.notice(AgentNotice(text: value.text("text") ?? ""))]
        case "error":
            transcript.isOpen = false
            let kind = AgentErrorKind(rawValue: value.text("kind") ?? "") ?? .execution
            return transcript.fail(AgentFailure(kind: kind, text: value.text("text") ?? ""))
        default: return [.unknown(UnknownEvent(name: "\(ACPMessage.ownKey)/\(what.keepingHead(bytes: 200))"))]
        }
    }

    private mutating func answered(_ message: ACPMessage, _ result: JSONView, at time: Date) -> LineEvents {
        switch message {
        case .initialize:
            version = result["agentInfo"].name("version")
            loads = result["agentCapabilities"]["loadSession"].bool == true
            knownLogins = logins(result["authMethods"])
            return []
        case .session:
            guard !isPrompted, let id = resumed ?? result.name("sessionId") else { return [] }
            let options = result["configOptions"].compactMap {
                $0.text("category") == "model" ? $0.name("currentValue") : nil
            }
            let known = model ?? result["models"].name("currentModelId") ?? options.first
            return transcript.begin(AgentSession(id: id, model: known, version: version))
        case .authenticate, .mode, .model: return []
        case .prompt:
            guard isPrompted, !isOver else { return [] }
            isOver = true
            return flush() + usage(result["usage"]) + close(result.name("stopReason"), at: time)
        }
    }

    private mutating func update(_ update: JSONView, at time: Date) -> LineEvents {
        let kind = update.text("sessionUpdate") ?? ""
        switch kind {
        case "agent_message_chunk", "agent_thought_chunk":
            guard let text = update["content"].text("text") else { return [] }
            let id = update.name("messageId")
            var events = piece.kind == kind && (piece.id == id || id == nil) ? [] : flush()
            piece.kind = kind
            piece.id = id ?? piece.id
            piece.text += text
            transcript.isOpen = true
            if piece.text.utf8.count > Self.pieceBytes { events += flush() }
            return events
        case "tool_call": return flush() + call(update, at: time) + ended(update, at: time)
        case "tool_call_update": return flush() + ended(update, at: time)
        case "usage_update":
            if update["cost"].text("currency") == "USD" {
                sessionCost = Money.amount(update["cost"]["amount"].double) ?? sessionCost
            }
            return []
        case "plan", "user_message_chunk", "available_commands_update", "current_mode_update", "config_option_update",
            "session_info_update":
            return []
        default: return [.unknown(UnknownEvent(name: "session/update/\(kind.keepingHead(bytes: 200))"))]
        }
    }

    private mutating func call(_ call: JSONView, at time: Date) -> LineEvents {
        guard let id = call.name("toolCallId") else { return [] }
        var input = call["rawInput"].arguments
        if input.value.objectValue?.isEmpty ?? true {
            var members: [String: JSONValue] = [:]
            if call["title"].isSet { members["description"] = call["title"].textArgument }
            let paths = call["locations"].compactMap { $0["path"].isSet ? $0["path"].textArgument : nil }
            if let path = paths.first { members["path"] = path }
            input = JSONDocument(.object(members))
        }
        return transcript.startTool(id, name: call.name("kind") ?? call.name("title"), input: input, at: time)
    }

    private mutating func ended(_ update: JSONView, at time: Date) -> LineEvents {
        guard let status = update.text("status"), ["completed", "failed"].contains(status) else { return [] }
        let texts = update["content"].compactMap { content in
            content["content"]["text"].outputText
                ?? content.text("newText").map { _ in "changed \(content.text("path") ?? "")" }
        }
        let id = update.name("toolCallId")
        return transcript.finishTool(
            id, output: texts.isEmpty ? update["rawOutput"].output : texts.joined(separator: "\n"),
            failed: status == "failed", denied: id.map { transcript.tools.isDenied($0) } ?? false, at: time)
    }

    /// Tokens and cost are those of the whole session. Whether cached tokens and thoughts are part of the others the sum
    /// of all shows: agents do not agree on it.
    private mutating func usage(_ usage: JSONView) -> LineEvents {
        let thoughts = max(usage.int("thoughtTokens") ?? 0, 0)
        let parts = (usage.int("inputTokens") ?? 0) + (usage.int("outputTokens") ?? 0)
        let sum = usage.int("totalTokens")
        var tokens = UsageMeter.tokens(
            of: usage, input: "inputTokens", output: "outputTokens", cacheRead: "cachedReadTokens",
            cacheWrite: "cachedWriteTokens", includesCached: sum == parts || sum == parts + thoughts)
        if let known = tokens, let sum,
            [parts + thoughts, known.input + known.output + known.cacheRead + known.cacheWrite + thoughts].contains(
                sum), sum != parts
        {
            tokens?.output = known.output + thoughts
        }
        guard tokens != nil || sessionCost != nil else { return [] }
        let known = model ?? transcript.session?.model
        return transcript.usage.advance(to: tokens ?? TokenUsage(), model: known, costUSD: sessionCost)
            .map { [.usage($0)] } ?? []
    }

    /// The message or thought that came so far.
    mutating func flush() -> LineEvents {
        let (kind, text) = (piece.kind, piece.text)
        piece = Piece()
        return kind == "agent_thought_chunk" ? transcript.think(text) : transcript.say(text)
    }
}
