import Agents

/// Variables of the caller's that hold a key, as their names say, and that an agent of the caller's own was not given.
///
/// Whoever has set one up for an agent in the shell does not think of it that the runner passes on only what it is told.
struct MissingKeys {
    let agent: String
    /// Sorted; never empty.
    let names: [String]

    private static let endings = ["_API_KEY", "_API_TOKEN", "_AUTH_TOKEN", "_ACCESS_TOKEN"]
    /// More would not help.
    private static let limit = 5

    /// Nil where there are none, or where the agent is one whose variables the runner knows.
    init?(_ command: StepCommand, callerEnvironment: [String: String]) {
        // What a process was started with by an earlier worker is not known.
        guard let agent = command.agent, !command.spec.arguments.isEmpty,
            let adapter = try? AgentCatalog.adapter(agent), adapter.evidence == .described || adapter.takesCommand
        else { return nil }
        self.init(agent: agent, given: command.spec.environment, of: callerEnvironment)
    }

    init?(agent: String, given: [String: String], of caller: [String: String]) {
        let names = caller.filter { !$0.value.isEmpty && given[$0.key] == nil }.keys
            .filter { name in Self.endings.contains { name.hasSuffix($0) } }.sorted()
        guard !names.isEmpty else { return nil }
        (self.agent, self.names) = (agent, names)
    }

    /// What a person should know where the agent may have failed for want of a key; else nil.
    func hint(after outcome: AgentOutcome) -> String? {
        guard outcome.mayLackKey else { return nil }
        let more = names.count > Self.limit ? ", …" : ""
        return "it was not given \(names.prefix(Self.limit).joined(separator: ", "))\(more): an agent inherits what "
            + "pass-environment names (docs/agents.md)"
    }
}
