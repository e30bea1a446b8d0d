import Foundation
import RunnerCore

/// Decodes `claude -p --output-format stream-json --verbose`.
struct ClaudeDecoder: AgentDecoder {
    /// Enough for an image in a tool result; what is longer is passed over.
    static let maximumLineBytes = 16 * 1024 * 1024
    static let finalTextBytes = 256 * 1024
    static let stderrLineBytes = 16 * 1024

    let timeZone: TimeZone
    var stdout = LineSplitter(limit: maximumLineBytes, oversize: .headOnly)
    var stderr = LineSplitter(limit: stderrLineBytes, oversize: .inPieces)
    /// Lines outside the protocol, which often hold the only reason of a failure.
    var plainText = TailText(limit: 2048)

    var session: AgentSession?
    var sessionID: String?
    var spokenModel: String?
    var lastMessage: String?
    var usage: ClaudeUsage
    var tools = ToolLedger()
    var retries = 0
    var hasEvents = false

    var lastResult: AgentResult?
    var failure: ClaudeFailure?
    /// The last API error of the agent itself.
    var apiError: ClaudeFailure?
    /// From a `rate_limit_event` that refused the request.
    var isRejected = false
    var rejectedUntil: Date?
    /// A turn has begun after the last result.
    var isTurnOpen = false

    init(baseline: SessionTotals?, isResumed: Bool, timeZone: TimeZone) {
        self.timeZone = timeZone
        usage = ClaudeUsage(baseline: baseline, isResumed: isResumed)
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, from channel: OutputChannel, at time: Date) -> [AgentEvent] {
        switch channel {
        case .stdout: stdout.lines(in: bytes).flatMap { decode($0, at: time) }
        case .stderr: stderr.lines(in: bytes).map { plain($0, .stderr) }
        }
    }

    mutating func endOfOutput(at time: Date) -> [AgentEvent] {
        stdout.end().flatMap { decode($0, at: time) } + stderr.end().map { plain($0, .stderr) }
    }

    private mutating func decode(_ line: LineSplitter.Line, at time: Date) -> [AgentEvent] {
        if line.isCut { return [.unknown(UnknownEvent(name: "line over \(Self.maximumLineBytes) bytes"))] }
        guard let value = JSONParser.parse(line.bytes), case .object = value else {
            let isBlank = line.bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            return isBlank ? [] : [plain(line, .stdout)]
        }
        return decode(value, at: time)
    }

    private mutating func plain(_ line: LineSplitter.Line, _ channel: OutputChannel) -> AgentEvent {
        let text = String(outputLine: line.bytes).capped(bytes: Self.stderrLineBytes)
        // What is left of a cut event would tell a person nothing.
        if line.bytes.first != UInt8(ascii: "{") { plainText.append(line: text) }
        return .text(OutputLine(text: text, channel: channel))
    }

    private mutating func decode(_ value: JSONValue, at time: Date) -> [AgentEvent] {
        let type = value["type"]?.stringValue
        if sessionID == nil, let id = Self.identifier(value["session_id"]) { sessionID = id }
        if type != nil { hasEvents = true }
        switch type {
        case "assistant": return assistant(value, at: time)
        case "user": return toolResults(value, at: time)
        case "system": return system(value, at: time)
        case "result": return result(value, at: time)
        case "rate_limit_event": return rateLimit(value, at: time)
        // Partial messages: the whole ones follow.
        case "stream_event", "keep_alive": return []
        default: return [.unknown(UnknownEvent(name: type?.keepingHead(bytes: 200)))]
        }
    }

    /// A non-empty text of sensible length, as an id.
    static func identifier(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, !text.isEmpty, text.utf8.count <= 200 else { return nil }
        return text
    }
}
