import ArgumentParser
import Engine
import RunnerCore

struct WorkflowArchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Let a workflow not be started any more; its versions and runs are kept.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let name = name
        let record = try await Session.with { workspace in
            try await workspace.setWorkflowStatus(name, .archived)
        }
        if output.json { return try JSONOutput.print(record) }
        if !output.quiet { Terminal.message("\(Terminal.plain(record.name)) is \(record.status.rawValue)") }
    }
}
