import RunnerCore

/// The keys of `with` for the agent `claude`.
struct ClaudeOptions {
    var model: String?
    var permissionMode: String
    var allowedTools: [String]
    var maxTurns: Int?
    var maxBudgetUSD: Double?
    var arguments: [String]

    private static let keys = ["model", "permission-mode", "allowed-tools", "max-turns", "max-budget-usd", "args"]

    private static let reserved: Set = [
        "-p", "--print", "--output-format", "--input-format", "-r", "--resume", "-c", "--continue", "--session-id",
        "--fork-session", "--replay-user-messages",
    ]

    init(_ options: [String: JSONValue]) throws(AgentsError) {
        let reader = try OptionReader(agent: "claude", options: options, known: Self.keys)
        model = try reader.word("model")
        permissionMode = try reader.word("permission-mode") ?? "acceptEdits"
        allowedTools = try reader.words("allowed-tools") ?? ["Bash"]
        maxTurns = try reader.positiveInteger("max-turns")
        maxBudgetUSD = try reader.positiveNumber("max-budget-usd")
        arguments = try reader.arguments(reserved: Self.reserved)
    }

    /// Claude Code refuses this as root.
    var skipsPermissions: Bool {
        permissionMode == "bypassPermissions" || arguments.contains("--dangerously-skip-permissions")
    }
}
