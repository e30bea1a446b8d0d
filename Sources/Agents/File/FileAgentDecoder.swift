import Foundation
import RunnerCore

/// Reads the output of a program by the patterns that its file gives.
struct FileAgentDecoder: LineDecoder {
    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    private let agent: FileAgent
    private var answer = TailText(limit: CommandDecoder.finalTextBytes)
    private var pending = Figures()
    private var hasSucceeded = false

    init(_ agent: FileAgent, request: AgentRequest, timeZone: TimeZone) {
        self.agent = agent
        transcript = Transcript(agent: agent.name, request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    /// Its lines are matched as text, whether they are JSON or not.
    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? { nil }

    mutating func prose(_ text: String, at time: Date) -> LineEvents {
        transcript.hasEvents = true
        let shown = text.asShown
        answer.append(line: shown)
        return events(of: shown, at: time)
    }

    /// Programs tell of errors and limits there.
    mutating func complaint(_ text: String, at time: Date) -> LineEvents {
        events(of: text.asShown, at: time)
    }

    private mutating func events(of text: String, at time: Date) -> LineEvents {
        let patterns = agent.patterns
        var events: LineEvents = []
        if let id = OutputPatterns.value(patterns.session, in: text), !id.isEmpty, id.utf8.count <= 200 {
            events += transcript.begin(AgentSession(id: id, model: model))
        }
        if let said = OutputPatterns.value(patterns.message, in: text) { events += transcript.say(said) }
        events += usage(text)
        if let found = OutputPatterns.value(patterns.limit, in: text) {
            // What a pattern such as "limit reached(.*)" leaves before the words.
            let limit = String(found.drop { $0.isWhitespace || $0.isPunctuation })
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
        return events
    }

    /// What one report of usage says; a pattern that matched nothing yet leaves nil.
    private struct Figures {
        var input: Int?
        var output: Int?
        var cached: Int?
        var cost: Double?

        /// Whether both say the same kind of figure: then they are two reports.
        func overlaps(_ other: Figures) -> Bool {
            input != nil && other.input != nil || output != nil && other.output != nil
                || cached != nil && other.cached != nil || cost != nil && other.cost != nil
        }

        static func + (a: Figures, b: Figures) -> Figures {
            Figures(
                input: sum(a.input, b.input), output: sum(a.output, b.output), cached: sum(a.cached, b.cached),
                cost: sum(a.cost, b.cost))
        }

        private static func sum<N: AdditiveArithmetic>(_ a: N?, _ b: N?) -> N? {
            a.map { $0 + (b ?? .zero) } ?? b
        }
    }

    /// Figures may stand on one line or on several, in any order: a report ends when all that the file has patterns for
    /// are there, when one of them comes again, or with the output. One whose cost is still to come takes in what is
    /// used until then: many programs tell it once, at their end.
    private mutating func usage(_ text: String) -> LineEvents {
        let patterns = agent.patterns
        var found = Figures(
            input: OutputPatterns.count(patterns.inputTokens, in: text),
            output: OutputPatterns.count(patterns.outputTokens, in: text),
            cached: OutputPatterns.count(patterns.cachedTokens, in: text))
        found.cost = OutputPatterns.amount(patterns.cost, in: text)
        let waitsForCost = patterns.cost != nil && pending.cost == nil
        let earlier = pending.overlaps(found) && !waitsForCost ? report() : []
        pending = pending + found
        let isWhole =
            (pending.input != nil || patterns.inputTokens == nil)
            && (pending.output != nil || patterns.outputTokens == nil)
            && (pending.cached != nil || patterns.cachedTokens == nil)
            && (pending.cost != nil || patterns.cost == nil)
        return earlier + (isWhole ? report() : [])
    }

    private mutating func report() -> LineEvents {
        let figures = pending
        pending = Figures()
        guard figures.input != nil || figures.output != nil || figures.cached != nil || figures.cost != nil else {
            return []
        }
        let tokens = TokenUsage(
            input: figures.input ?? 0, output: figures.output ?? 0, cacheRead: figures.cached ?? 0)
        return [.usage(transcript.usage.add(tokens, model: model, costUSD: figures.cost))]
    }

    mutating func afterLastLine(at time: Date) -> LineEvents { report() }

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
