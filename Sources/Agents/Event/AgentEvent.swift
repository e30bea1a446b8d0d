/// One thing that a coding agent said or did, the same for every agent.
///
/// Its JSON form has a key `type` beside the keys of the payload; a key whose value is unknown is left out.
package enum AgentEvent: Sendable, Hashable {
    indirect case session(AgentSession)
    case message(AgentMessage)
    case thinking(AgentMessage)
    case toolStarted(ToolStart)
    case toolFinished(ToolFinish)
    indirect case usage(UsageReport)
    case retry(AgentRetry)
    case limit(AgentLimit)
    case error(AgentProblem)
    case notice(AgentNotice)
    // Apart, as it is as large as all others together, which are many more.
    indirect case result(AgentResult)
    /// A line of the agent's own protocol that this version does not know.
    case unknown(UnknownEvent)
    /// A line outside the agent's protocol.
    case text(OutputLine)
}
