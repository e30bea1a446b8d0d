import Foundation

/// A decoder of output that comes in lines, most of them one JSON object each.
protocol LineReader: AgentDecoder {
    var lines: OutputLines { get set }

    /// Takes a line that is a JSON object; nil when it is none of the agent's own.
    mutating func object(_ value: JSONView, at time: Date) -> LineEvents?

    /// Takes a line that is a JSON list; nil when it is none of the agent's own.
    mutating func list(_ value: JSONView, at time: Date) -> LineEvents?

    /// Takes any other line of standard output.
    mutating func prose(_ text: String, at time: Date) -> LineEvents

    /// Takes a line of standard error.
    mutating func complaint(_ text: String, at time: Date) -> LineEvents

    /// What can be told only after the last line.
    mutating func afterLastLine(at time: Date) -> LineEvents

    /// Remembers a line outside the protocol, which may hold the only reason of a failure.
    mutating func keepPlain(_ text: String)
}

extension LineReader {
    mutating func feed(_ bytes: UnsafeRawBufferPointer, from channel: OutputChannel, at time: Date) -> [AgentEvent] {
        var events: [AgentEvent] = []
        // One piece mostly has about as many as the one before it.
        events.reserveCapacity(lines.usualEvents)
        read(channel, at: time, into: &events) { $0.forEachLine(in: bytes, $1) }
        lines.usualEvents = events.count
        return events
    }

    mutating func endOfOutput(at time: Date) -> [AgentEvent] {
        var events: [AgentEvent] = []
        read(.stdout, at: time, into: &events) { $0.end($1) }
        read(.stderr, at: time, into: &events) { $0.end($1) }
        events += afterLastLine(at: time)
        return events
    }

    mutating func afterLastLine(at time: Date) -> LineEvents { [] }

    mutating func list(_ value: JSONView, at time: Date) -> LineEvents? { nil }

    mutating func prose(_ text: String, at time: Date) -> LineEvents { [] }

    mutating func complaint(_ text: String, at time: Date) -> LineEvents { [] }

    /// Appends the events of the lines that `cut` hands on.
    private mutating func read(
        _ channel: OutputChannel, at time: Date, into events: inout [AgentEvent],
        _ cut: (inout LineSplitter, LineSplitter.Taker) -> Void
    ) {
        // Away from the decoder, which changes while it is shown a line.
        var splitter = lines.take(channel)
        var tape = JSONTape()
        cut(&splitter) { line, isCut in
            if channel == .stderr {
                let event = note(line, .stderr)
                events.append(event)
                if case .text(let text) = event { events += complaint(text.text, at: time) }
            } else if isCut {
                events.append(.unknown(UnknownEvent(name: "line over \(OutputLines.maximumBytes) bytes")))
            } else {
                events += decode(line, &tape, at: time)
            }
        }
        lines.give(splitter, to: channel)
    }

    private mutating func decode(_ line: Span<UInt8>, _ tape: inout JSONTape, at time: Date) -> LineEvents {
        let events = tape.read(line) { value -> LineEvents? in
            switch value.kind {
            case .object: object(value, at: time)
            case .array: list(value, at: time)
            default: nil
            }
        }
        if let events, let events { return events }
        if line[0] == 0x1B, let events = decodeShown(line, &tape, at: time) { return events }
        let isBlank = line.indices.allSatisfy { [0x20, 0x09, 0x0D].contains(line[$0]) }
        if isBlank { return [] }
        let event = note(line, .stdout)
        guard case .text(let text) = event else { return [event] }
        return [event] + prose(text.text, at: time)
    }

    /// An object behind what was meant for a terminal, such as the hiding of its cursor by a program around the agent.
    private mutating func decodeShown(_ line: Span<UInt8>, _ tape: inout JSONTape, at time: Date) -> LineEvents? {
        let shown = Array(String(line).asShown.utf8)
        return tape.read(shown.span) { value in value.kind == .object ? object(value, at: time) : nil } ?? nil
    }

    private mutating func note(_ line: Span<UInt8>, _ channel: OutputChannel) -> AgentEvent {
        let text = String(outputLine: line).capped(bytes: OutputLines.plainBytes)
        // What is left of a cut event would tell a person nothing.
        if line[0] != UInt8(ascii: "{") { keepPlain(text.asShown) }
        return .text(OutputLine(text: text, channel: channel))
    }
}
