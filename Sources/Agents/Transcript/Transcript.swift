import Foundation
import RunnerCore

/// What every decoder keeps about one process, and how its end is judged where nothing speaks against it.
struct Transcript: Sendable {
    static let finalTextBytes = 256 * 1024

    let agent: String
    let timeZone: TimeZone
    var session: AgentSession?
    var lastMessage: String?
    var tools = ToolLedger()
    var usage: UsageMeter
    var retries = 0
    var turns: Int?
    var hasEvents = false
    /// Lines outside the protocol, which often hold the only reason of a failure.
    var plainText = TailText(limit: 2048)
    /// The agent's own closing words; its error, if it is one, is `failure`.
    var lastResult: AgentResult?
    /// The last error that was fatal as far as is known.
    var failure: AgentFailure?
    /// Something has begun that no result has closed.
    var isOpen = false

    init(agent: String, request: AgentRequest, timeZone: TimeZone) {
        self.agent = agent
        self.timeZone = timeZone
        usage = UsageMeter(baseline: request.baseline, isResumed: request.resumeSessionID != nil)
    }

    /// One session event, and another only when something about it has changed.
    mutating func begin(_ begun: AgentSession) -> LineEvents {
        isOpen = true
        guard begun != session else { return [] }
        session = begun
        return .one(.session(begun))
    }

    mutating func say(_ text: String?, parent: String? = nil) -> LineEvents {
        guard let text, !text.isEmpty else { return [] }
        if parent == nil {
            lastMessage = text.capped(bytes: Self.finalTextBytes)
            isOpen = true
            failure = nil
        }
        return .one(.message(AgentMessage(text: text, parent: parent)))
    }

    func think(_ text: String?) -> LineEvents {
        guard let text, !text.isEmpty else { return [] }
        return .one(.thinking(AgentMessage(text: text)))
    }

    /// `input`, which is asked for when the call is new only, must be capped.
    mutating func startTool(
        _ id: String?, name: String?, input: @autoclosure () -> JSONDocument, parent: String? = nil, at time: Date
    ) -> LineEvents {
        isOpen = true
        failure = nil
        let id = tools.callID(id)
        guard let input = tools.start(id, name: name, at: time, arguments: input) else { return [] }
        return .one(
            .toolStarted(
                ToolStart(id: id, name: name?.keepingHead(bytes: 200) ?? "unknown", input: input, parent: parent)))
    }

    mutating func finishTool(
        _ id: String?, output: String?, failed: Bool, denied: Bool = false, at time: Date
    ) -> LineEvents {
        isOpen = true
        let id = tools.callID(id)
        if denied { tools.deny(id, at: time) }
        let output = output?.capped(bytes: ToolLedger.outputBytes)
        tools.finish(id, output: output, failed: failed || denied, at: time)
        return .one(.toolFinished(ToolFinish(id: id, failed: failed || denied, denied: denied, output: output)))
    }

    mutating func retry(_ failure: AgentFailure, attempt: Int?, max: Int?, delay: Int? = nil) -> LineEvents {
        retries += 1
        return .one(
            .retry(
                AgentRetry(
                    attempt: attempt ?? retries, max: max, delayMilliseconds: delay, status: failure.status,
                    kind: failure.kind)))
    }

    /// The agent gave up for this reason.
    mutating func fail(_ failure: AgentFailure) -> LineEvents {
        self.failure = failure
        return .one(failure.event(isFatal: true))
    }

    /// The agent's closing words; `failure` says what went wrong, nil that nothing did.
    mutating func close(_ result: AgentResult, failure: AgentFailure?) -> LineEvents {
        lastResult = result
        isOpen = false
        self.failure = result.isError ? failure ?? AgentFailure(kind: .unknown, text: result.text ?? "") : nil
        return .one(.result(result))
    }

    mutating func keepPlain(_ text: String) {
        plainText.append(line: text)
    }
}
