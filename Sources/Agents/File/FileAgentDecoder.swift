import Foundation
import RunnerCore

/// Reads the output of a program by the patterns and places that its file gives.
struct FileAgentDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    private let agent: FileAgent
    private var patterns: OutputPatterns
    private var answer = TailText(limit: CommandDecoder.finalTextBytes)
    private var document = JSONDocumentLines()
    /// The message that comes in pieces.
    private var message = TailText(limit: Transcript.finalTextBytes)
    private var hasPieces = false
    private var pending = UsageFigures()
    /// The totals that were told last, where the program tells totals.
    private var totals = UsageFigures()
    private var hasSucceeded = false
    private let wanted: UsageFigures

    init(_ agent: FileAgent, request: AgentRequest, timeZone: TimeZone) {
        self.agent = agent
        patterns = agent.patterns
        transcript = Transcript(agent: agent.name, request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
        wanted = agent.patterns.wanted.replaced(by: agent.places?.wanted ?? UsageFigures())
    }

    /// Without places, lines are matched as text whether they are JSON or not.
    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? {
        if let report = AgentReport.content(of: value, name: agent.name) { return read(report.value, at: time) }
        guard agent.places != nil else { return nil }
        return document.keep(value.bytes) ? [] : read(value.value, at: time)
    }

    mutating func list(_ value: JSONView, at time: Date) -> LineEvents? {
        guard agent.places != nil else { return nil }
        transcript.hasEvents = true
        return document.keep(value.bytes) ? [] : objects(in: value.value, at: time)
    }

    mutating func prose(_ text: String, at time: Date) -> LineEvents {
        transcript.hasEvents = true
        let shown = text.asShown
        if agent.places != nil, let value = document.take(shown) { return objects(in: value, at: time) }
        answer.append(line: shown)
        return events(of: patterns.findings(in: shown), line: shown, at: time)
    }

    /// Programs tell of errors and limits there.
    mutating func complaint(_ text: String, at time: Date) -> LineEvents {
        let shown = text.asShown
        return events(of: patterns.findings(in: shown), line: shown, at: time)
    }

    private mutating func objects(in value: JSONValue, at time: Date) -> LineEvents {
        let elements = value.arrayValue ?? [value]
        var events: LineEvents = []
        for element in elements where element.objectValue != nil { events += read(element, at: time) }
        return events
    }

    private mutating func read(_ object: JSONValue, at time: Date) -> LineEvents {
        guard let found = agent.places?.findings(in: object) else { return [] }
        return events(of: found, line: nil, at: time)
    }

    private mutating func events(of found: OutputFindings, line: String?, at time: Date) -> LineEvents {
        var events: LineEvents = []
        if let id = found.session, !id.isEmpty, id.utf8.count <= 200 {
            events += transcript.begin(AgentSession(id: id, model: model))
        }
        for piece in found.pieces {
            Array(piece.utf8).withUnsafeBytes { message.append($0) }
            hasPieces = true
        }
        if !found.messages.isEmpty || !found.tools.isEmpty || found.isSuccess { events += flush() }
        for said in found.messages { events += transcript.say(said) }
        for tool in found.tools {
            let input = tool.input.map(Self.arguments) ?? .empty
            events += transcript.startTool(nil, name: tool.name, input: input, at: time)
        }
        events += usage(found.figures)
        if let found = found.limit {
            events += transcript.fail(limit(found, line ?? found, at: time))
        } else if let error = found.error {
            events += transcript.fail(
                AgentFailure(
                    text: error.isEmpty ? line ?? "" : error, fallback: .execution, at: time,
                    timeZone: transcript.timeZone))
        }
        if found.isSuccess { hasSucceeded = true }
        for key in found.tooSlow { events += giveUp(key) }
        return events
    }

    /// Without its patterns for errors and limits nobody knows whether it did well.
    private mutating func giveUp(_ key: String) -> LineEvents {
        let text = "the pattern \"\(key)\" takes too long for a line of the output, and was given up; make it simpler"
        guard ["error", "limit"].contains(key) else { return [.notice(AgentNotice(text: text))] }
        return transcript.fail(AgentFailure(kind: .execution, text: text))
    }

    /// An object as it is; any other text as the only argument.
    private static func arguments(_ text: String) -> JSONDocument {
        let document = JSONDocument(arguments: text)
        guard document.value.objectValue == nil else { return document }
        return JSONDocument(.object(["input": .string(text.capped(bytes: ToolLedger.argumentBytes))]))
    }

    private func limit(_ found: String, _ line: String, at time: Date) -> AgentFailure {
        // What a pattern such as "limit reached(.*)" leaves before the words.
        let limit = String(found.drop { $0.isWhitespace || $0.isPunctuation })
        var failure = AgentFailure(
            text: limit.isEmpty ? line : limit, fallback: .rateLimit, at: time, timeZone: transcript.timeZone)
        if failure.kind.failureClass != .limit { failure.kind = .rateLimit }
        failure.resetsAt = failure.resetsAt ?? LimitReset.moment(in: line, at: time, timeZone: transcript.timeZone)
        return failure
    }

    /// The message that came in pieces so far.
    private mutating func flush() -> LineEvents {
        guard hasPieces else { return [] }
        let text = message.text()
        message = TailText(limit: Transcript.finalTextBytes)
        hasPieces = false
        return transcript.say(text)
    }

    /// Figures may stand on one line or on several, in any order: a report ends when all that the file has patterns for
    /// are there, when one of them comes again, or with the output. One whose cost is still to come takes in what is
    /// used until then: many programs tell it once, at their end. Of totals the last ones count.
    private mutating func usage(_ found: UsageFigures) -> LineEvents {
        guard !found.isEmpty else { return [] }
        guard agent.counting == .each else {
            totals = totals.replaced(by: found)
            return []
        }
        let waitsForCost = wanted.cost != nil && pending.cost == nil
        let earlier = pending.overlaps(found) && !waitsForCost ? report() : []
        pending = pending + found
        return earlier + (pending.covers(wanted) ? report() : [])
    }

    private mutating func report() -> LineEvents {
        let figures = agent.counting == .each ? pending : totals
        (pending, totals) = (UsageFigures(), UsageFigures())
        guard !figures.isEmpty else { return [] }
        let cached = figures.cached ?? 0
        let input = (figures.input ?? 0) - (agent.inputIncludesCached ? cached : 0)
        let tokens = TokenUsage(input: max(input, 0), output: figures.output ?? 0, cacheRead: cached)
        guard agent.counting == .session else {
            return [.usage(transcript.usage.add(tokens, model: model, costUSD: figures.cost))]
        }
        return transcript.usage.advance(to: tokens, model: model, costUSD: figures.cost).map { [.usage($0)] } ?? []
    }

    mutating func afterLastLine(at time: Date) -> LineEvents { flush() + report() }

    /// Exit status 0 is success unless an error or a limit was seen, or the line that means success was not.
    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if transcript.lastMessage == nil {
            let text = answer.text()
            if !text.isEmpty { transcript.lastMessage = text }
        }
        if let failure = transcript.failure, exit.failureKind != .interrupted, exit.failureKind != .killed {
            return failure.outcome(agent: agent.name)
        }
        guard exit.isClean, !agent.tellsSuccess || hasSucceeded else { return failed(exit, at: time) }
        return AgentOutcome(status: .succeeded)
    }

    private func failed(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if exit.failureKind == nil || exit.failureKind == .exitStatus, let failure = transcript.plainFailure(at: time) {
            return failure.outcome(agent: agent.name)
        }
        guard exit.failureKind == .exitStatus, ![126, 127].contains(exit.status) else {
            return transcript.withoutResult(exit)
        }
        return AgentOutcome(status: .failed, kind: .exitStatus, reason: transcript.sentence(exit.words))
    }
}
