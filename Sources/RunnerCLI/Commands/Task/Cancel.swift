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
            if !output.quiet { Terminal.message(outcome.message) }
        }
    }
}
