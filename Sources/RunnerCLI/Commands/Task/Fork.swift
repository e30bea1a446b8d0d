import ArgumentParser
import Engine

struct Fork: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork", abstract: "Make a new task that goes on from a checkpoint of another one.",
        discussion: """
            The fork has a worktree, a branch and ports of its own, begins with the files that the step left, and runs \
            the steps after it; with --agent or --model it tries them in another way. Without --step it begins where \
            the task is now.

            The number of the new task is printed to standard output, everything else to standard error.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Option(help: "The step whose result it begins with; the default is the last that ended.")
    var step: String?

    @Option(parsing: .unconditional, help: "A title for the new task; the default is the old one's.")
    var title: String?

    @Option(name: .shortAndLong, help: "Another agent for steps that ask for the default one.")
    var agent: String?

    @Option(help: "The command line of the agent `command`, which gets the prompt on its standard input, or `acp`.")
    var command: String?

    @Option(help: "Another model for the agent.")
    var model: String?

    @Flag(name: .shortAndLong, help: "Leave the run to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let request = ForkRequest(
            task: task, step: step, title: title, agent: agent, agentCommand: command, model: model)
        let view = LiveView(options: output)
        let (output, detach) = (output, detach)
        try await Session.with(tidies: !detach) { workspace in
            try await RunEnd.of(workspace, detach: detach, output: output) {
                view.createdTask.map(String.init)
            } detached: {
                try await workspace.forkDetached(request, progress: view.handler)
            } here: { cancellation in
                try await workspace.fork(request, progress: view.handler, cancellation: cancellation)
            }
        }
    }
}
