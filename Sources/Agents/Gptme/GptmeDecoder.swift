import Foundation
import RunnerCore

/// Decodes `gptme -n --output-format json`.
///
/// The raw output of tools stands between its lines, so a tool can print lines that look like gptme's own. It prints
/// them before gptme prints the call that they belong to; therefore what ends a session counts only as the last line.
struct GptmeDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// The name that the conversation was started under.
    private let name: String?
    /// The last message is the result of the tool by which the model says that it is done.
    private var isDone = false
    private var wasInterrupted = false
    private var calls: [String: String] = [:]

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "gptme", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
        name = request.resumeSessionID ?? request.sessionID
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        guard "message" ~= type else { return [.unknown(UnknownEvent(name: type.head))] }
        isDone = false
        let metadata = value["metadata"]
        var events: LineEvents = []
        if transcript.session == nil, let name { events = transcript.begin(AgentSession(id: name, model: model)) }
        transcript.isOpen = true
        let content = value.text("content") ?? ""
        switch value["role"] {
        case "assistant": return events + speech(content, metadata, at: time)
        case "system": return events + system(content, value.name("call_id"), metadata, at: time)
        case "user": return events
        default: return events + [.unknown(UnknownEvent(name: "message/\(value["role"].head ?? "")"))]
        }
    }

    /// Calls are part of the text: `@shell(call_1): {"command": "ls"}` at the beginning of a line.
    private mutating func speech(_ content: String, _ metadata: JSONView, at time: Date) -> LineEvents {
        if content.hasSuffix("^C Interrupted") { wasInterrupted = true }
        var text = content[...]
        var started: LineEvents = []
        while let match = text.firstMatch(of: Self.call) {
            let rest = content[match.range.upperBound...]
            let next = rest.firstMatch(of: Self.call)?.range.lowerBound ?? content.endIndex
            let input = JSONDocument(arguments: String(rest[..<next]))
            let id = String(match.2)
            if calls.count < 10_000 { calls[id] = String(match.1) }
            started += transcript.startTool(id, name: String(match.1), input: input, at: time)
            // What stands before the first call is speech, what is between calls their arguments.
            if text.startIndex == content.startIndex { text = content[..<match.range.lowerBound] }
            guard next < content.endIndex else { break }
            text = content[next...]
            if started.count > 1000 { break }
        }
        let end = content.firstMatch(of: Self.call)?.range.lowerBound ?? content.endIndex
        let spoken = content[..<end].trimmingCharacters(in: .whitespacesAndNewlines)
        return transcript.say(spoken) + started + usage(metadata)
    }

    private static var call: Regex<(Substring, Substring, Substring)> {
        /(?m)^@([A-Za-z0-9_.\-]{1,100})\(([^)\s]{1,200})\): ?/
    }

    private mutating func usage(_ metadata: JSONView) -> LineEvents {
        let tokens = UsageMeter.tokens(
            of: metadata["usage"], input: "input_tokens", output: "output_tokens", cacheRead: "cache_read_tokens",
            cacheWrite: "cache_creation_tokens", includesCached: false)
        guard let tokens else { return [] }
        let name = metadata.name("served_model") ?? metadata.name("model") ?? model
        return [.usage(transcript.usage.add(tokens, model: name, costUSD: Money.amount(metadata["cost"].double)))]
    }

    private mutating func system(
        _ content: String, _ id: String?, _ metadata: JSONView, at time: Date
    ) -> LineEvents {
        if content == "Interrupted by user" { wasInterrupted = true }
        guard let id else {
            return content.isEmpty ? [] : [.notice(AgentNotice(text: content.capped(bytes: 4096)))]
        }
        isDone = "complete" ~= metadata["tool"] && calls[id] == "complete"
        return transcript.finishTool(id, output: content, failed: Self.isFailure(content), at: time)
    }

    /// Results are prose: an exit status or an error stands in the text only.
    private static func isFailure(_ content: String) -> Bool {
        if content.hasPrefix("Error") || content == "Interrupted by user" { return true }
        if content.wholeMatch(of: /Tool '[^']*' is not available for execution\.\s*/) != nil { return true }
        guard let code = content.firstMatch(of: /(?m)^Return code: (-?\d+)$/) else { return false }
        return code.1 != "0"
    }

    /// It exits 0 in the middle of its work, after an interrupt too: only `complete` as the last word is success.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if isDone, exit.isClean {
            transcript.isOpen = false
            transcript.lastResult = AgentResult(isError: false, text: transcript.lastMessage)
            return transcript.judge(exit)
        }
        if wasInterrupted, exit.isClean {
            return AgentFailure(kind: .interrupted, text: "").outcome(agent: "gptme")
        }
        let text = transcript.lastPlainText ?? ""
        switch exit.status {
        case 75: return failure(.rateLimit, text, at: time)
        case 76: return failure(.authentication, text, at: time)
        default: return transcript.withoutResult(exit)
        }
    }

    private func failure(_ kind: AgentErrorKind, _ text: String, at time: Date) -> AgentOutcome {
        var failure = AgentFailure(kind: kind, text: text)
        if kind == .rateLimit {
            failure.resetsAt = LimitReset.moment(in: text, at: time, timeZone: transcript.timeZone)
        }
        return failure.outcome(agent: "gptme")
    }
}
