import Foundation
import RunnerCore

/// Reads what aider prints: prose only, with a few lines of a known form in it.
///
/// Its exit status is 0 for every error, so success needs an answer, no error after it, and no edit that was not
/// applied. What the model says looks like aider's own words; a model can only make itself look worse or edits look
/// applied, and the diff shows those.
struct AiderDecoder: LineDecoder {
    private static let answerBytes = 64 * 1024

    var lines = OutputLines()
    var transcript: Transcript
    let model: String?
    private var hasBanner = false
    /// The model has answered, and no error came after.
    private var hasAnswered = false
    /// The answer holds edits of which none was applied yet.
    private var hasOpenEdit = false
    private var answer = TailText(limit: answerBytes)
    private var version: String?

    init(request: AgentRequest, timeZone: TimeZone) {
        transcript = Transcript(agent: "aider", request: request, timeZone: timeZone)
        model = request.options["model"]?.stringValue ?? request.model
    }

    mutating func event(_ value: JSONView, at time: Date) -> LineEvents? { nil }

    mutating func prose(_ text: String, at time: Date) -> LineEvents {
        transcript.hasEvents = true
        if text.hasPrefix("Aider v") { version = String(text.dropFirst(7).prefix(40)) }
        if let match = text.wholeMatch(of: /Added .{1,1000} to the chat\.|Git repo: .*|Repo-map: .*|Model: .*/) {
            hasBanner = !match.0.isEmpty
            return []
        }
        if let failure = error(text, at: time) {
            hasAnswered = false
            return transcript.fail(failure)
        }
        if let wait = text.wholeMatch(of: /Retrying in ([0-9.]{1,10}) seconds\.\.\./) {
            let failure = transcript.failure ?? AgentFailure(kind: .unknown, text: text)
            let delay = Double(wait.1).map { Int($0 * 1000) }
            return transcript.retry(failure, attempt: nil, max: nil, delay: delay)
        }
        if text.hasPrefix("<<<<<<< SEARCH") { hasOpenEdit = true }
        // Its next answer may still do better.
        if text == "The LLM did not conform to the edit format." || text.hasSuffix(" failed to match!") {
            return transcript.fail(AgentFailure(kind: .execution, text: "its edits do not match the files"))
        }
        if text.hasPrefix("Applied edit to "), text.count > 16 { return applied(text, at: time) }
        if text.hasPrefix("Tokens: "), text.hasSuffix("received.") || text.contains(" received. Cost: ") {
            return answered(text)
        }
        if text.hasPrefix("Only "), text.hasSuffix("reflections allowed, stopping.") {
            return transcript.fail(AgentFailure(kind: .execution, text: "its edits do not match the files"))
        }
        if text.contains("^C again to exit") { return transcript.fail(AgentFailure(kind: .interrupted, text: "")) }
        if hasBanner { answer.append(line: text) }
        return []
    }

    private mutating func applied(_ text: String, at time: Date) -> LineEvents {
        hasOpenEdit = false
        let path = String(text.dropFirst("Applied edit to ".count))
        let id = transcript.tools.callID(nil)
        return transcript.startTool(id, name: "edit", input: JSONDocument(.object(["path": .string(path)])), at: time)
            + transcript.finishTool(id, output: nil, failed: false, at: time)
    }

    /// Its counts are estimates of its own, rounded ("2.5k"); a cost stands after them where it knows a price.
    private mutating func answered(_ text: String) -> LineEvents {
        let pattern =
            #/
            Tokens:\ ([0-9.,]+[kM]?)\ sent(?:,\ [^,]*\ cache\ [a-z]+)*,\ ([0-9.,]+[kM]?)\ received\.
            (?:\ Cost:\ \$([0-9.]+)\ message.*)?
            /#
        // Anything else that looks like it is no proof of an answer.
        guard let match = text.wholeMatch(of: pattern), let sent = Self.count(match.1), let got = Self.count(match.2)
        else { return [] }
        hasAnswered = true
        let said = transcript.say(answer.text())
        answer = TailText(limit: Self.answerBytes)
        let cost = match.3.flatMap { Double($0) }
        return said
            + [.usage(transcript.usage.add(TokenUsage(input: sent, output: got), model: model, costUSD: cost))]
    }

    private static func count(_ text: Substring) -> Int? {
        let factor = text.hasSuffix("k") ? 1000.0 : text.hasSuffix("M") ? 1_000_000 : 1
        let digits = text.filter { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number < 1e9 else { return nil }
        return min(Int((number * factor).rounded()), UsageMeter.maximumTokens)
    }

    private func error(_ text: String, at time: Date) -> AgentFailure? {
        let pattern = /^litellm\.([A-Za-z]{1,60}(?:Error|Exceeded|Timeout))/
        guard text.hasPrefix("litellm."), let name = text.firstMatch(of: pattern) else { return nil }
        var failure = AgentFailure(
            text: text, fallback: .execution, at: time, timeZone: transcript.timeZone)
        failure.detail = String(name.1)
        return failure
    }

    mutating func judge(_ exit: AgentExit, at time: Date) -> AgentOutcome {
        if let failure = transcript.failure, exit.isClean { return failure.outcome(agent: "aider") }
        guard hasAnswered, exit.isClean else { return transcript.withoutResult(exit) }
        guard !hasOpenEdit else {
            return AgentFailure(kind: .execution, text: "its edits were not applied").outcome(agent: "aider")
        }
        transcript.isOpen = false
        transcript.lastResult = AgentResult(isError: false, text: transcript.lastMessage)
        return transcript.judge(exit)
    }
}
