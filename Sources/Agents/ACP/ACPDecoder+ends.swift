import Foundation
import RunnerCore

extension ACPDecoder {
    /// The protocol's own code for a login that is missing.
    private static let loginRequired = -32000

    mutating func close(_ reason: String?, at time: Date) -> LineEvents {
        let failure: AgentFailure? =
            switch reason {
            case "end_turn": unreached(at: time)
            case "max_tokens": AgentFailure(kind: .outputLimit, text: "its turn ended at the token limit")
            case "max_turn_requests": AgentFailure(kind: .maxTurns, text: "its turn ended at the limit of requests")
            case "refusal": refusal(at: time)
            case "cancelled": AgentFailure(kind: .interrupted, text: "cancelled")
            default: AgentFailure(kind: .execution, text: "its turn ended with \"\(reason ?? "no reason")\"")
            }
        let text = failure == nil ? transcript.lastMessage : nil
        return transcript.close(
            AgentResult(isError: failure != nil, terminalReason: reason, text: text), failure: failure)
    }

    /// Some agents tell in a message only that their model could not be asked, and end the turn as if it had answered.
    ///
    /// What a model wrote begins otherwise, and mostly costs tokens: all there is must be one line with an HTTP status first.
    private func unreached(at time: Date) -> AgentFailure? {
        guard transcript.tools.executions.isEmpty, transcript.usage.tokens == nil, let text = transcript.lastMessage,
            text.utf8.count <= 1000, !text.contains(where: \.isNewline),
            let status = FailureText.status(in: text.keepingHead(bytes: 30))
        else { return nil }
        return AgentFailure(text: text, status: status, at: time, timeZone: transcript.timeZone)
    }

    /// Some agents end a turn so whose model could not be asked, and say why in a message. A model's own words are no
    /// reason that is known: an HTTP status shows whose they are.
    private func refusal(at time: Date) -> AgentFailure {
        let text = transcript.lastMessage ?? ""
        guard let status = FailureText.status(in: text) else {
            let words = text.isEmpty ? "" : ": \(text.capped(bytes: 1000))"
            return AgentFailure(kind: .invalidRequest, text: "the agent refuses to go on\(words)")
        }
        return AgentFailure(
            text: text, status: status, fallback: .invalidRequest, at: time, timeZone: transcript.timeZone)
    }

    mutating func failed(_ message: ACPMessage, _ error: JSONView, at time: Date) -> LineEvents {
        guard !isOver else { return [] }
        // It is asked for the session by the other way.
        if message == .session, isResuming, loads, error.int("code") == ACPMessage.unknownMethod { return [] }
        let data = error["data"]
        // What "Invalid params" is about stands there only; a login is told in words.
        let isBare = (error.text("message") ?? "").utf8.count <= 20 && data.isSet && !data["authMethods"].exists
        let rest = isBare ? data.output?.capped(bytes: 300) : nil
        let detail = data.text("details") ?? data.text("message") ?? data.string ?? rest
        var text = [error.text("message"), detail].compactMap { $0 }.joined(separator: ": ")
        let isLogin = error.int("code") == Self.loginRequired
        if isLogin { text += logins(error["data"]["authMethods"]) ?? knownLogins ?? "" }
        var failure = AgentFailure(text: text, fallback: .execution, at: time, timeZone: transcript.timeZone)
        if isLogin, failure.kind == .execution { failure.kind = .authentication }
        switch message {
        case .prompt:
            guard isPrompted else { return [] }
            isOver = true
            return flush()
                + transcript.close(AgentResult(isError: true, errors: [text.capped(bytes: 4096)]), failure: failure)
        case .session where resumed != nil && failure.kind == .execution: failure.kind = .unknownSession
        case .initialize, .authenticate, .session, .mode, .model: break
        }
        guard !isPrompted else { return [] }
        transcript.isOpen = false
        return transcript.fail(failure)
    }

    /// The ways to log in that the agent offers: what a person may give as `auth-method`, or has to do first.
    func logins(_ methods: JSONView) -> String? {
        let ways = methods.compactMap { method -> String? in
            let words = [method.name("name"), method.text("description")?.capped(bytes: 200)].compactMap { $0 }
            return method.name("id").map { "\($0) (\(words.joined(separator: ": ")))" }
        }
        return ways.isEmpty ? nil : "; ways to log in (auth-method): \(ways.prefix(5).joined(separator: ", "))"
    }
}

extension JSONView {
    /// Whether it is there and not null.
    var isSet: Bool { exists && kind != .null }
}
