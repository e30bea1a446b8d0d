import ArgumentParser
import Engine

struct TakeoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "takeover",
        abstract: "Go on here, from its last checkpoint, with a task whose host is gone.",
        discussion: """
            For hosts that share a database server. What an interrupted step had done since the checkpoint stays on the \
            old host; the step is repeated here. A worker does the same by itself for hosts that were silent for ten \
            minutes (RUNNER_TAKEOVER_AFTER).
            """)

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, output) = (task, output)
        let view = LiveView(options: output)
        try await Session.with(tidies: true) { workspace in
            let result = try await workspace.takeOver(
                text, progress: view.handler, cancellation: Cancellation.onSignals())
            try await RunEnd.report(result, in: workspace, output: output)
        }
    }
}
