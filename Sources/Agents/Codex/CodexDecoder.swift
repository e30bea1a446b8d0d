import Foundation
import RunnerCore

/// Decodes `codex exec --json`.
struct CodexDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "codex", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        let type = value["type"]
        guard type.kind == .string else { return nil }
        switch type {
        case "thread.started":
            guard let id = value.name("thread_id") else { return [] }
            return transcript.begin(AgentSession(id: id, model: model))
        case "turn.started":
            transcript.isOpen = true
            return []
        case "item.started", "item.updated", "item.completed":
            return item(value["item"], isCompleted: "item.completed" ~= type, at: time)
        case "error": return error(value.text("message") ?? "", at: time)
        case "turn.completed": return completed(value["usage"])
        case "turn.failed":
            let failure = failure(value["error"].text("message") ?? "", at: time)
            return transcript.close(
                AgentResult(isError: true, status: failure.status, errors: [failure.text]), failure: failure)
        default: return .one(.unknown(UnknownEvent(name: type.head)))
        }
    }

    /// The counts are of the whole thread, earlier processes included.
    private mutating func completed(_ usage: JSONView) -> LineEvents {
        let total = UsageMeter.tokens(
            of: usage, input: "input_tokens", output: "output_tokens", cacheRead: "cached_input_tokens",
            cacheWrite: "cache_write_input_tokens")
        let report = total.flatMap { transcript.usage.advance(to: $0, model: model) }
        let result = AgentResult(isError: false, text: transcript.lastMessage)
        return LineEvents(report.map { .usage($0) }) + transcript.close(result, failure: nil)
    }

    /// An error is a retry while it says so; any other is the cause of the failed turn that follows.
    private mutating func error(_ text: String, at time: Date) -> LineEvents {
        let failure = failure(text, at: time)
        guard text.hasPrefix("Reconnecting") else {
            // The server's answer as it came, with the failed turn to tell the same again.
            return transcript.fail(failure)
        }
        let counts = text.firstMatch(of: /Reconnecting\.\.\. (\d{1,6})\/(\d{1,6})/)
        return transcript.retry(
            failure, attempt: counts.flatMap { Int($0.1) }, max: counts.flatMap { Int($0.2) })
    }

    private func failure(_ text: String, at time: Date) -> AgentFailure {
        AgentFailure(text: text, at: time, timeZone: transcript.timeZone)
    }
}
