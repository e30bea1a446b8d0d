import Foundation
import RunnerCore

/// Takes the output of any program as plain text.
struct CommandDecoder: AgentDecoder {
    var sessionID: String? { nil }

    static let lineBytes = 16 * 1024
    static let finalTextBytes = 64 * 1024
    /// BSD's sysexits: a temporary failure, try again later.
    private static let temporaryFailure = 75

    private let timeZone: TimeZone
    private var stdout = LineSplitter(limit: lineBytes, oversize: .inPieces)
    private var stderr = LineSplitter(limit: lineBytes, oversize: .inPieces)
    private var answer = TailText(limit: finalTextBytes)
    private var complaint = TailText(limit: 2048)

    init(timeZone: TimeZone) {
        self.timeZone = timeZone
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, from channel: OutputChannel, at time: Date) -> [AgentEvent] {
        switch channel {
        case .stdout:
            answer.append(bytes)
            return Self.events(.stdout) { stdout.forEachLine(in: bytes, $0) }
        case .stderr:
            complaint.append(bytes)
            return Self.events(.stderr) { stderr.forEachLine(in: bytes, $0) }
        }
    }

    mutating func endOfOutput(at time: Date) -> [AgentEvent] {
        Self.events(.stdout) { stdout.end($0) } + Self.events(.stderr) { stderr.end($0) }
    }

    mutating func finish(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        _ = endOfOutput(at: time)
        var outcome = judge(exit, at: time)
        let text = answer.text()
        outcome.finalText = text.isEmpty ? nil : text
        return outcome
    }

    private func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        guard let kind = exit.failureKind, !exit.isClean else { return AgentOutcome(status: .succeeded) }
        if kind == .interrupted { return AgentOutcome(status: .interrupted, kind: kind, reason: sentence(exit.words)) }
        switch exit.status {
        case 126, 127:
            let phrase = "\(AgentErrorKind.notStarted.phrase) (\(exit.words))"
            return AgentOutcome(status: .failed, kind: .notStarted, reason: sentence(phrase))
        case Self.temporaryFailure:
            return AgentOutcome(status: .failed, kind: .execution, reason: sentence(exit.words))
        default:
            let failure = AgentFailure(lastLineOf: said, at: time, timeZone: timeZone)
            return failure.map { $0.outcome(agent: "command") }
                ?? AgentOutcome(status: .failed, kind: kind, reason: sentence(exit.words))
        }
    }

    /// The end of standard error, or of standard output where there is none.
    private var said: String { [complaint.text(), answer.text()].first { !$0.isEmpty } ?? "" }

    /// With the last line that it printed, of standard error if there is one.
    private func sentence(_ phrase: String) -> String {
        let lines = said.split { $0 == "\n" || $0 == "\r\n" }
        let lastLine = lines.reversed().lazy.map { String($0).asShown }.first { !$0.allSatisfy(\.isWhitespace) }
        return FailureReason.sentence(agent: "command", phrase: phrase, text: lastLine)
    }

    /// Every line that `cut` hands on, as it is.
    private static func events(_ channel: OutputChannel, _ cut: (LineSplitter.Taker) -> Void) -> [AgentEvent] {
        var events: [AgentEvent] = []
        cut { line, _ in events.append(.text(OutputLine(text: String(outputLine: line), channel: channel))) }
        return events
    }
}
