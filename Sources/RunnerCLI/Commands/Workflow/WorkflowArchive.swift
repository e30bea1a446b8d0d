import ArgumentParser
import RunnerCore

struct WorkflowArchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Let a workflow not be started any more; its versions and runs are kept.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await WorkflowStatusOutput.set(name, .archived, output)
    }
}
