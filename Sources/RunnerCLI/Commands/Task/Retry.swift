import ArgumentParser
import Engine

struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go on with a task that failed, was cancelled or was interrupted.",
        discussion: "Repeats the first step that did not succeed and all after it, or all from --from on.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(name: .customLong("from"), help: "The step to begin with.")
    var step: String?

    @Flag(name: .shortAndLong, help: "Leave the run to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step, output, detach) = (task, step, output, detach)
        let view = LiveView(options: output)
        try await Session.with(tidies: true) { workspace in
            try await RunEnd.of(workspace, detach: detach, output: output) {
                text
            } detached: {
                try await workspace.retryDetached(text, from: step, progress: view.handler)
            } here: { cancellation in
                try await workspace.retry(text, from: step, progress: view.handler, cancellation: cancellation)
            }
        }
    }
}
