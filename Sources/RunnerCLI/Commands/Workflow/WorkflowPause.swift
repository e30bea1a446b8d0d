import ArgumentParser
import Engine
import RunnerCore

struct WorkflowPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a workflow not be started for the time being; runs that exist go on.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let name = name
        let record = try await Session.with { workspace in
            try await workspace.setWorkflowStatus(name, .paused)
        }
        if output.json { return try JSONOutput.print(record) }
        if !output.quiet { Terminal.message("\(Terminal.plain(record.name)) is \(record.status.rawValue)") }
    }
}
