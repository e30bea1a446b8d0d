import ArgumentParser
import Engine

struct ProjectSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a project; an empty value clears a setting.")

    @Argument(help: "Its name.")
    var name: String

    @Option(name: .customLong("name"), help: "A new name.")
    var newName: String?

    @OptionGroup var project: ProjectOptions

    @Option(help: "A repository that leaves it; can be repeated.")
    var without: [String] = []

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, change) = (name, project.change(name: newName, removed: without))
        let changed = try await Session.with { try await $0.changeProject(named: name, change) }
        try ProjectOutput.show(changed, output)
    }
}
