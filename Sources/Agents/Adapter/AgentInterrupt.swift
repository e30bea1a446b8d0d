/// How an agent is asked to stop before it is made to.
package enum AgentInterrupt: String, Sendable, Hashable, Codable {
    /// SIGINT to its own process, which it answers with an orderly end.
    case interrupt
    /// SIGTERM to all of its processes: SIGINT would be ignored, obeyed too late, or taken for a remark.
    case terminate
}
