import Foundation
import RunnerCore

extension Transcript {
    /// Takes the closing line that several agents have taken over from Claude Code; doubt counts as failure.
    mutating func closeLikeClaude(_ value: JSONView, at time: Date) -> LineEvents {
        var events: LineEvents = []
        if session == nil, let id = value.name("session_id") { events = begin(AgentSession(id: id)) }
        let subtype = value.name("subtype")
        let isError = value["is_error"].bool != false || subtype?.hasPrefix("error") == true
        let text = value.text("result")
        let errors = value.text("error").map { [$0.capped(bytes: 4096)] } ?? []
        let kind: AgentErrorKind = subtype == "error_max_turns" ? .maxTurns : .execution
        let failure = AgentFailure(text: errors.first ?? text ?? "", fallback: kind, at: time, timeZone: timeZone)
        return events
            + close(
                AgentResult(
                    isError: isError, subtype: subtype, text: text?.capped(bytes: Self.finalTextBytes), errors: errors,
                    turns: value.int("num_turns"), durationMilliseconds: value.int("duration_ms")), failure: failure)
    }
}
