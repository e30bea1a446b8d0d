import ArgumentParser
import RunnerCore

struct WorkflowActivate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Let a draft, paused or archived workflow be started again.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await WorkflowStatusOutput.set(name, .active, output)
    }
}
