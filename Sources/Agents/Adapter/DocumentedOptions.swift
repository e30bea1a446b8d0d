import RunnerCore

/// The keys of `with` that the adapters share which were written from documentation.
struct DocumentedOptions {
    var model: String?
    /// Whether the agent may do everything without asking; where it may not, nobody can answer its questions.
    var approvesAll: Bool
    var arguments: [String]
    let reader: OptionReader

    init(
        agent: String, _ request: AgentRequest, reserved: Set<String>, more: [String] = []
    ) throws(AgentsError) {
        reader = try OptionReader(agent: agent, options: request.options, known: ["model", "approve", "args"] + more)
        model = try reader.word("model") ?? request.model
        guard model?.hasPrefix("-") != true else { throw reader.invalid("model", "must not begin with a dash") }
        approvesAll = try reader.choice("approve", of: ["all", "none"]) ?? "all" == "all"
        arguments = try reader.arguments(reserved: reserved)
    }
}
