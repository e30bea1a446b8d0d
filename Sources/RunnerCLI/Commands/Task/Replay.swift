import ArgumentParser
import Engine

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a finished task's workflow again with its recorded agents: no tokens are used.",
        discussion: """
            A new task begins at the same base and runs the same version of the workflow. In the place of each agent, \
            what it printed is played and what it changed is put into the worktree; scripts run really. The branch is \
            not published, and no cost is counted.

            The number of the new task is printed to standard output, everything else to standard error.
            """)

    @Argument(help: "The task's number, or the id of a run.")
    var source: String

    @Option(parsing: .unconditional, help: "A title for the new task; the default is the old one's.")
    var title: String?

    @Flag(name: .shortAndLong, help: "Leave the run to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let request = ReplayRequest(source: source, title: title)
        let view = LiveView(options: output)
        let (output, detach) = (output, detach)
        try await Session.with(tidies: !detach) { workspace in
            try await RunEnd.of(workspace, detach: detach, output: output) {
                view.createdTask.map(String.init)
            } detached: {
                try await workspace.replayDetached(request, progress: view.handler)
            } here: { cancellation in
                try await workspace.replay(request, progress: view.handler, cancellation: cancellation)
            }
        }
    }
}
