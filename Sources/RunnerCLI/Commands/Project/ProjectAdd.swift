import ArgumentParser
import Engine

struct ProjectAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a project.",
        discussion: "A repository is in one project at most; what a repository sets itself wins over its project.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var project: ProjectOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, change) = (name, project.change())
        let made = try await Session.with { try await $0.addProject(named: name, change) }
        try ProjectOutput.show(made, output)
    }
}
