import ArgumentParser
import Engine
import RunnerCore

struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a task's run; its work and its history are kept.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, output) = (task, output)
        try await Session.with(tidies: true) { workspace in
            let outcome = try await workspace.cancel(text)
            if output.json {
                return try JSONOutput.print(try await TaskView.load(number: outcome.number, in: workspace))
            }
            guard !output.quiet else { return }
            Terminal.message(outcome.message)
            if let (host, seconds) = outcome.silentHost {
                Terminal.message(
                    "  \(Terminal.plain(host)) gave its last sign of life \(Moments.span(max(0, seconds))) ago; when it is "
                        + "back, or another host has taken the task over, it is cancelled")
            }
        }
    }
}
