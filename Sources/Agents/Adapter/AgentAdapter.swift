package import Foundation
package import RunnerCore

/// All that is particular to one coding agent: its command line and its output. Pure: it starts and reads nothing.
package protocol AgentAdapter: Sendable {
    /// What a workflow's `agent:` says.
    var name: String { get }

    /// Prints the agent's version on one line; nil where there is no program of its own.
    var versionProbe: [String]? { get }

    /// The program that must be on `PATH`; nil where there is none of its own, or nobody can tell beforehand.
    var program: String? { get }

    var evidence: AgentEvidence { get }

    /// Patterns of files that the agent leaves in the worktree and that belong in no commit.
    var worktreeFiles: [String] { get }

    /// How to get the program, for a person who does not have it; nil where there is none.
    var installation: String? { get }

    /// The key of `with` that bounds what an attempt may cost, in US dollars; nil where the agent takes no bound.
    var budgetOption: String? { get }

    var facts: AgentFacts { get }

    /// What a step's `with` gets where it says nothing.
    var defaults: [String: JSONValue] { get }

    /// Whether its command line comes with the step.
    var takesCommand: Bool { get }

    /// Throws for an unknown key, a wrong type, a missing key or a bad value, and names the key.
    func validate(_ options: [String: JSONValue]) throws(AgentsError)

    /// The process that does what `request` asks.
    func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch

    /// A decoder for the output of that process; `timeZone` is where its clock texts, as "3pm", are read.
    func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder
}

extension AgentAdapter {
    package var evidence: AgentEvidence { .recorded }

    package var worktreeFiles: [String] { [] }

    package var installation: String? { nil }

    package var budgetOption: String? { nil }

    package var facts: AgentFacts { AgentFacts() }

    package var takesCommand: Bool { false }

    package var defaults: [String: JSONValue] { [:] }

    package var program: String? { versionProbe?.first }

    /// Whether the prompt says anything at all.
    func requirePrompt(_ request: AgentRequest) throws(AgentsError) {
        guard request.prompt.contains(where: { !$0.isWhitespace }) else {
            throw AgentsError(.emptyPrompt, agent: name, message: "the prompt is empty; give the step a prompt")
        }
    }

    /// A text from elsewhere that must not become an option.
    func identifier(_ text: String, _ what: String) throws(AgentsError) -> String {
        guard !text.isEmpty, !text.hasPrefix("-"), !text.utf8.contains(0) else {
            throw AgentsError(.invalidValue, agent: name, message: "\(what) must not be empty or begin with a dash")
        }
        return text
    }

    /// The prompt as one argument of a command line, which must not become an option either.
    func promptArgument(_ request: AgentRequest) throws(AgentsError) -> String {
        guard request.prompt.utf8.count < maximumArgumentBytes, !request.prompt.utf8.contains(0) else {
            throw AgentsError(
                .promptTooLong, agent: name,
                message: "a prompt of \(request.prompt.utf8.count) bytes, or with a zero byte, cannot be an argument; "
                    + "put the text into a file and name it in the prompt")
        }
        return request.prompt.hasPrefix("-") ? " " + request.prompt : request.prompt
    }

    /// Linux takes no single argument or variable longer than this with its closing zero byte (MAX_ARG_STRLEN).
    var maximumArgumentBytes: Int { 131_072 }

    /// A decoder for a recorded stream of which nothing else is known.
    package func makeDecoder() -> any AgentDecoder {
        makeDecoder(for: AgentRequest(), timeZone: .current)
    }
}
