extension AgentEvent: Codable {
    /// The values of the key `type`; they never change once released.
    package enum Name: String, Sendable, Codable, CaseIterable {
        case session, message, thinking
        case toolStarted = "tool_started"
        case toolFinished = "tool_finished"
        case usage, retry, limit, error, notice, result, unknown, text
    }

    private enum TypeKey: String, CodingKey {
        case type
    }

    /// What the key `type` says in the JSON form.
    package var name: Name {
        switch self {
        case .session: .session
        case .message: .message
        case .thinking: .thinking
        case .toolStarted: .toolStarted
        case .toolFinished: .toolFinished
        case .usage: .usage
        case .retry: .retry
        case .limit: .limit
        case .error: .error
        case .notice: .notice
        case .result: .result
        case .unknown: .unknown
        case .text: .text
        }
    }

    package init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: TypeKey.self).decode(Name.self, forKey: .type) {
        case .session: self = .session(try AgentSession(from: decoder))
        case .message: self = .message(try AgentMessage(from: decoder))
        case .thinking: self = .thinking(try AgentMessage(from: decoder))
        case .toolStarted: self = .toolStarted(try ToolStart(from: decoder))
        case .toolFinished: self = .toolFinished(try ToolFinish(from: decoder))
        case .usage: self = .usage(try UsageReport(from: decoder))
        case .retry: self = .retry(try AgentRetry(from: decoder))
        case .limit: self = .limit(try AgentLimit(from: decoder))
        case .error: self = .error(try AgentProblem(from: decoder))
        case .notice: self = .notice(try AgentNotice(from: decoder))
        case .result: self = .result(try AgentResult(from: decoder))
        case .unknown: self = .unknown(try UnknownEvent(from: decoder))
        case .text: self = .text(try OutputLine(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: TypeKey.self)
        try container.encode(name, forKey: .type)
        switch self {
        case .session(let payload): try payload.encode(to: encoder)
        case .message(let payload), .thinking(let payload): try payload.encode(to: encoder)
        case .toolStarted(let payload): try payload.encode(to: encoder)
        case .toolFinished(let payload): try payload.encode(to: encoder)
        case .usage(let payload): try payload.encode(to: encoder)
        case .retry(let payload): try payload.encode(to: encoder)
        case .limit(let payload): try payload.encode(to: encoder)
        case .error(let payload): try payload.encode(to: encoder)
        case .notice(let payload): try payload.encode(to: encoder)
        case .result(let payload): try payload.encode(to: encoder)
        case .unknown(let payload): try payload.encode(to: encoder)
        case .text(let payload): try payload.encode(to: encoder)
        }
    }
}
