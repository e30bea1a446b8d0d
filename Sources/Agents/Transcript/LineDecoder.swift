import Foundation
import RunnerCore

/// A decoder of output that comes in lines, most of them one JSON object each.
protocol LineDecoder: AgentDecoder {
    var lines: OutputLines { get set }
    var transcript: Transcript { get set }
    /// The model that the attempt was started with.
    var model: String? { get }

    /// Takes a line that is a JSON object; nil when it is none of the agent's own.
    mutating func event(_ value: JSONValue, at time: Date) -> [AgentEvent]?

    /// Takes a line of prose from standard output.
    mutating func prose(_ text: String, at time: Date) -> [AgentEvent]

    /// Judges the attempt after all output was seen.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome
}

extension LineDecoder {
    mutating func feed(_ bytes: UnsafeRawBufferPointer, from channel: OutputChannel, at time: Date) -> [AgentEvent] {
        switch channel {
        case .stdout: lines.stdout.lines(in: bytes).flatMap { decode($0, at: time) }
        case .stderr: lines.stderr.lines(in: bytes).map { note($0, .stderr) }
        }
    }

    mutating func endOfOutput(at time: Date) -> [AgentEvent] {
        lines.stdout.end().flatMap { decode($0, at: time) } + lines.stderr.end().map { note($0, .stderr) }
    }

    mutating func finish(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        _ = endOfOutput(at: time)
        // First: judging may change what the transcript says.
        let outcome = judge(exit, at: time)
        return transcript.completed(outcome, model: model)
    }

    mutating func prose(_ text: String, at time: Date) -> [AgentEvent] { [] }

    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        transcript.judge(exit)
    }

    var sessionID: String? { transcript.session?.id }

    private mutating func decode(_ line: LineSplitter.Line, at time: Date) -> [AgentEvent] {
        if line.isCut { return [.unknown(UnknownEvent(name: "line over \(OutputLines.maximumBytes) bytes"))] }
        guard let value = JSONParser.parse(line.bytes), case .object = value else {
            let isBlank = line.bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            if isBlank { return [] }
            let event = note(line, .stdout)
            guard case .text(let text) = event else { return [event] }
            return [event] + prose(text.text, at: time)
        }
        if let events = event(value, at: time) {
            transcript.hasEvents = true
            return events
        }
        return [note(line, .stdout)]
    }

    private mutating func note(_ line: LineSplitter.Line, _ channel: OutputChannel) -> AgentEvent {
        let text = String(outputLine: line.bytes).capped(bytes: OutputLines.plainBytes)
        // What is left of a cut event would tell a person nothing.
        if line.bytes.first != UInt8(ascii: "{") { transcript.keepPlain(text) }
        return .text(OutputLine(text: text, channel: channel))
    }
}
