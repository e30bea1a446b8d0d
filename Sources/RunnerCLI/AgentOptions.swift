import ArgumentParser
import RunnerCore

/// Which agent works, for commands that begin runs.
struct AgentOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The agent for steps that ask for the default one, as agent list names it.")
    var agent: String?

    @Option(help: "The command line of the agent `command`, which gets the prompt on its standard input, or `acp`.")
    var command: String?

    @Option(help: "The model for the agent.")
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Who takes over while the agent is at a limit, cannot be reached or is not installed; can be repeated.",
            valueName: "agent[=model]"))
    var fallback: [AgentFallback] = []
}

extension AgentFallback: ExpressibleByArgument {
    package init?(argument: String) {
        self.init(argument)
    }
}
