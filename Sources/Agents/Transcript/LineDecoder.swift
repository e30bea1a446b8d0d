import Foundation

/// A decoder of lines that keeps what it learns in a transcript.
protocol LineDecoder: LineReader {
    var transcript: Transcript { get set }
    /// The model that the attempt was started with.
    var model: String? { get }

    /// Takes a line that is a JSON object; nil when it is none of the agent's own.
    mutating func event(_ value: JSONView, at time: Date) -> LineEvents?

    /// Judges the attempt after all output was seen.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome
}

extension LineDecoder {
    mutating func object(_ value: JSONView, at time: Date) -> LineEvents? {
        let events = event(value, at: time)
        if events != nil { transcript.hasEvents = true }
        return events
    }

    mutating func finish(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        _ = endOfOutput(at: time)
        // First: judging may change what the transcript says.
        let outcome = judge(exit, at: time)
        return transcript.completed(outcome, model: model)
    }

    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        transcript.judge(exit)
    }

    mutating func keepPlain(_ text: String) {
        transcript.keepPlain(text)
    }

    var sessionID: String? { transcript.session?.id }
}
