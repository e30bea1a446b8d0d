import Foundation
import RunnerCore

/// Reads the output of a program by the patterns that its file gives.
struct FileAgentDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    private let agent: FileAgent
    private var answer = TailText(limit: CommandDecoder.finalTextBytes)
    private var pendingInput: Int?
    private var pendingCached: Int?
    private var pendingCost: Double?
    private var hasSucceeded = false

    init(_ agent: FileAgent, request: AgentRequest, timeZone: TimeZone) {
        self.agent = agent
        transcript = Transcript(agent: agent.name, request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    /// Its lines are matched as text, whether they are JSON or not.
    mutating func event(_ value: JSONView, at time: Date) -> [AgentEvent]? { nil }

    mutating func prose(_ text: String, at time: Date) -> [AgentEvent] {
        transcript.hasEvents = true
        let patterns = agent.patterns
        var events: [AgentEvent] = []
        if let id = OutputPatterns.value(patterns.session, in: text), !id.isEmpty, id.utf8.count <= 200 {
            events += transcript.begin(AgentSession(id: id, model: model))
        }
        if let said = OutputPatterns.value(patterns.message, in: text) { events += transcript.say(said) }
        events += usage(text)
        if let limit = OutputPatterns.value(patterns.limit, in: text) {
            var failure = AgentFailure(
                text: limit.isEmpty ? text : limit, fallback: .rateLimit, at: time, timeZone: transcript.timeZone)
            if failure.kind.failureClass != .limit { failure.kind = .rateLimit }
            failure.resetsAt = failure.resetsAt ?? LimitReset.moment(in: text, at: time, timeZone: transcript.timeZone)
            events += transcript.fail(failure)
        } else if let error = OutputPatterns.value(patterns.error, in: text) {
            events += transcript.fail(
                AgentFailure(
                    text: error.isEmpty ? text : error, fallback: .execution, at: time, timeZone: transcript.timeZone))
        }
        if OutputPatterns.value(patterns.success, in: text) != nil { hasSucceeded = true }
        answer.append(line: text)
        return events
    }

    /// Counts may stand on one line or on several; the output tokens close a report where there is a pattern for them.
    private mutating func usage(_ text: String) -> [AgentEvent] {
        let patterns = agent.patterns
        pendingInput = OutputPatterns.count(patterns.inputTokens, in: text) ?? pendingInput
        pendingCached = OutputPatterns.count(patterns.cachedTokens, in: text) ?? pendingCached
        if let cost = OutputPatterns.value(patterns.cost, in: text).flatMap(Double.init), cost >= 0, cost < 1e9 {
            pendingCost = cost
        }
        guard let output = OutputPatterns.count(patterns.outputTokens, in: text) else { return [] }
        let tokens = TokenUsage(input: pendingInput ?? 0, output: output, cacheRead: pendingCached ?? 0)
        let report = transcript.usage.add(tokens, model: model, costUSD: pendingCost)
        (pendingInput, pendingCached, pendingCost) = (nil, nil, nil)
        return [.usage(report)]
    }

    /// Exit status 0 is success unless an error or a limit was seen, or the line that means success was not.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if transcript.lastMessage == nil {
            let text = answer.text()
            if !text.isEmpty { transcript.lastMessage = text }
        }
        if let failure = transcript.failure, exit.failureKind != .interrupted, exit.failureKind != .killed {
            return failure.outcome(agent: agent.name)
        }
        guard exit.isClean, agent.patterns.success == nil || hasSucceeded else { return failed(exit) }
        return AgentOutcome(status: .succeeded)
    }

    private func failed(_ exit: AgentExit) -> AgentOutcome {
        guard exit.failureKind == .exitStatus, ![126, 127].contains(exit.status) else {
            return transcript.withoutResult(exit)
        }
        return AgentOutcome(status: .failed, kind: .exitStatus, reason: transcript.sentence(exit.words))
    }
}
