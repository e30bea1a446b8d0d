import ArgumentParser
import Engine
import RunnerCore

struct WorkflowActivate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Let a draft, paused or archived workflow be started again.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let name = name
        let record = try await Session.with { workspace in
            try await workspace.setWorkflowStatus(name, .active)
        }
        if output.json { return try JSONOutput.print(record) }
        if !output.quiet { Terminal.message("\(Terminal.plain(record.name)) is \(record.status.rawValue)") }
    }
}
