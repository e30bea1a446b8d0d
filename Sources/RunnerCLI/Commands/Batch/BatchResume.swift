import ArgumentParser
import Engine
import RunnerCore
import Store

struct BatchResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a batch: with what failed, was cancelled, or has not begun.",
        discussion: """
            A task that had begun goes on where it stopped, as with retry, when it is its turn. A batch that was made with \
            --hold begins.
            """)

    @Argument(help: "The batch's number.")
    var batch: String

    @Flag(name: .shortAndLong, help: "Leave the batch to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, output, detach) = (batch, output, detach)
        let view = LiveView(options: output)
        try await Session.with(tidies: true) { workspace in
            let cancellation = Cancellation.onSignals()
            let batch = try await workspace.readyBatch(text, progress: view.handler)
            try await BatchEnd.of(batch, in: workspace, detach: detach, output: output, cancellation: cancellation)
        }
    }
}
