import ArgumentParser
import Engine
import RunnerCore
import Store

struct ProjectShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a project's repositories and defaults.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let name = name
        let project = try await Session.with { try await $0.store.project(named: name) }
        try ProjectOutput.show(project, output)
    }
}
