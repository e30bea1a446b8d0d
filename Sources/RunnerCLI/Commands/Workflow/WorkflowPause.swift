import ArgumentParser
import RunnerCore

struct WorkflowPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let a workflow not be started for the time being; runs that exist go on.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await WorkflowStatusOutput.set(name, .paused, output)
    }
}
