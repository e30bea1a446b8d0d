import Foundation
import RunnerCore

/// Decodes mini-swe-agent: prose while it runs, and the trajectory that it writes at its end, which tells everything.
struct MiniDecoder: LineDecoder {
    static let report = "mini-trajectory"

    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    /// It does not say which of its limits was reached.
    let boundsCostAlone: Bool

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "mini", request: request, timeZone: timeZone)
        boundsCostAlone = request.options["max-budget-usd"] != nil && request.options["max-turns"] == nil
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        guard let content = AgentReport.content(of: value, name: Self.report) else { return nil }
        // A line like it that a tool printed came before: the caller's own is the last, and counts alone.
        transcript.tools = ToolLedger()
        transcript.usage = UsageMeter()
        transcript.lastMessage = nil
        let events = content["messages"].flatMap { message($0, at: time) }
        return events + result(content["info"], exit: content["messages"].last, at: time)
    }

    private mutating func message(_ message: JSONView, at time: Date) -> LineEvents {
        var events: LineEvents = []
        let extra = message["extra"]
        let moment = Self.moment(extra) ?? time
        switch message["role"] {
        case "assistant":
            events += transcript.say(message["content"].blockText)
            events += message["tool_calls"].flatMap { call in
                let function = call["function"]
                let input = JSONDocument(arguments: function.text("arguments") ?? "")
                return transcript.startTool(call.name("id"), name: function.name("name"), input: input, at: moment)
            }
        case "tool":
            let code = extra.int("returncode") ?? 0
            // The command that hands in the work, like one that was stopped, is not run.
            let wasRun = !("action was not executed" ~= extra["exception_info"])
            events += transcript.finishTool(
                message.name("tool_call_id"),
                output: extra["raw_output"].outputText
                    ?? message["content"].blockText(within: ToolLedger.outputBytes),
                failed: wasRun && code != 0, at: moment)
        default: break
        }
        let response = extra["response"]
        guard
            var usage = UsageMeter.tokens(
                of: response["usage"], input: "prompt_tokens", output: "completion_tokens", cacheRead: "")
        else { return events }
        let cached = response["usage"]["prompt_tokens_details"].int("cached_tokens") ?? 0
        usage.cacheRead = min(max(cached, 0), usage.input)
        usage.input -= usage.cacheRead
        // A cost of 0 means that it knows no price.
        let cost = Money.amount(extra["cost"].double).flatMap { $0 > 0 ? $0 : nil }
        return events + [.usage(transcript.usage.add(usage, model: response.name("model") ?? model, costUSD: cost))]
    }

    private static func moment(_ extra: JSONView) -> Date? {
        guard let seconds = extra["timestamp"].double, seconds > 0, seconds < 1e11 else { return nil }
        return Date(timeIntervalSince1970: seconds)
    }

    private mutating func result(_ info: JSONView, exit: JSONView, at time: Date) -> LineEvents {
        let status = info.name("exit_status")
        let isError = status != "Submitted"
        let text = "exit" ~= exit["role"] ? exit.text("content") ?? "" : ""
        let submission = info.text("submission").flatMap { $0.isEmpty ? nil : $0 }
        let result = AgentResult(
            isError: isError, subtype: status, text: isError ? nil : submission ?? transcript.lastMessage,
            errors: isError && !text.isEmpty && text != status ? [text.capped(bytes: 4096)] : [],
            turns: info["model_stats"].int("api_calls"))
        return transcript.close(result, failure: isError ? failure(status, result.errors.first ?? "", at: time) : nil)
    }

    private func failure(_ status: String?, _ text: String, at time: Date) -> AgentFailure {
        switch status {
        case "LimitsExceeded": AgentFailure(kind: boundsCostAlone ? .maxBudget : .maxTurns, text: text)
        case "TimeExceeded": AgentFailure(kind: .maxTurns, text: text, detail: "its time limit")
        case "RepeatedFormatError":
            AgentFailure(kind: .execution, text: "the model's answers were not in the form that it needs")
        // Its console asks a person after an interrupt, and nobody answers.
        case "EOFError", "KeyboardInterrupt", "UserInterruption": AgentFailure(kind: .interrupted, text: text)
        default:
            AgentFailure(text: "\(status ?? "") \(text)", fallback: .execution, at: time, timeZone: transcript.timeZone)
        }
    }
}
