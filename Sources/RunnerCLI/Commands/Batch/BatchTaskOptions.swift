import ArgumentParser
import Engine
import RunnerCore

/// How each task of a batch is started; an item's own labels are added, its own priority and inputs win.
struct BatchTaskOptions: ParsableArguments {
    @OptionGroup var agent: AgentOptions

    @Option(name: .shortAndLong, help: "The branch, tag or commit to start from.")
    var base: String?

    @Option(name: .shortAndLong, help: "An input of the workflow, as name=value; can be repeated.")
    var input: [String] = []

    @Option(help: "A label for each task; can be repeated.")
    var label: [String] = []

    @Option(parsing: .unconditional, help: "The priority of each task, -1000 to 1000.")
    var priority = 0

    @Flag(help: "Start from what was fetched last, without asking the origin.")
    var noFetch = false

    @Flag(help: "Leave out the set-up and tear-down scripts and the dependency folders.")
    var noSetup = false

    func validate() throws {
        guard (-1000...1000).contains(priority) else {
            throw ValidationError("--priority takes a number from -1000 to 1000.")
        }
        _ = try Start.inputs(input)
    }

    func request(repository: String, workflow: String?) throws -> StartRequest {
        StartRequest(
            repository: repository, prompt: "", workflow: workflow, agent: agent.agent,
            agentCommand: agent.command, model: agent.model, fallback: agent.fallback,
            base: base, inputs: try Start.inputs(input), labels: label, priority: priority, fetches: !noFetch,
            preparesEnvironment: !noSetup)
    }
}
