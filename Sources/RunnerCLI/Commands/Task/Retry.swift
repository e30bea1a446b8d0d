import ArgumentParser
import Engine
import RunnerCore

struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", _superCommandName: "runner",
        abstract: "Go on with a task that failed, was cancelled or interrupted, or waits at a budget.",
        discussion: """
            Repeats the first step that did not succeed and all after it, or all from --from on. A task that waits because \
            a budget is used up goes on where it is; --budget raises that of the run, or of the step, that it waits for.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Option(name: .customLong("from"), help: "The step to begin with.")
    var step: String?

    @Option(
        help: "What the run may use in all before it waits, as 5.00, 2M tokens or both.", transform: Budget.argument)
    var budget: Budget?

    @Flag(name: .shortAndLong, help: "Leave the run to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step, budget, output, detach) = (task, step, budget, output, detach)
        let view = LiveView(options: output)
        try await Session.with(tidies: !detach) { workspace in
            try await RunEnd.of(workspace, detach: detach, output: output) {
                text
            } detached: {
                try await workspace.retryDetached(text, from: step, budget: budget, progress: view.handler)
            } here: { cancellation in
                try await workspace.retry(
                    text, from: step, budget: budget, progress: view.handler, cancellation: cancellation)
            }
        }
    }
}
