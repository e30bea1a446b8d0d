package import Foundation
package import RunnerCore

/// All that is particular to one coding agent: its command line and its output. Pure: it starts and reads nothing.
package protocol AgentAdapter: Sendable {
    /// What a workflow's `agent:` says.
    var name: String { get }

    /// Prints the agent's version on one line; nil where there is no program of its own.
    var versionProbe: [String]? { get }

    /// Throws for an unknown key, a wrong type, a missing key or a bad value, and names the key.
    func validate(_ options: [String: JSONValue]) throws(AgentsError)

    /// The process that does what `request` asks.
    func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch

    /// A decoder for the output of that process; `timeZone` is where its clock texts, as "3pm", are read.
    func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder
}

extension AgentAdapter {
    /// A decoder for a recorded stream of which nothing else is known.
    package func makeDecoder() -> any AgentDecoder {
        makeDecoder(for: AgentRequest(), timeZone: .current)
    }
}
