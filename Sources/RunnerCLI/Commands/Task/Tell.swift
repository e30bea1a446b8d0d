import ArgumentParser
import Engine

struct Tell: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tell", _superCommandName: "runner",
        abstract: "Say something more to a task's agent, in its session and its worktree as it is.",
        discussion: """
            Makes another run of the task with one step. The agent remembers what it did and said. An agent without \
            sessions (runner agent list) cannot be told more; start a new task for it.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "What to say; - reads it from standard input.")
    var message: String

    @Option(help: "The step whose agent is meant; the last one by default.")
    var step: String?

    @Flag(name: .shortAndLong, help: "Leave the run to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step, output, detach) = (task, step, output, detach)
        let message = try Start.text(message)
        let view = LiveView(options: output)
        try await Session.with(tidies: !detach) { workspace in
            try await RunEnd.of(workspace, detach: detach, output: output) {
                text
            } detached: {
                try await workspace.tellDetached(text, message, step: step, progress: view.handler)
            } here: { cancellation in
                try await workspace.tell(
                    text, message, step: step, progress: view.handler, cancellation: cancellation)
            }
        }
    }
}
