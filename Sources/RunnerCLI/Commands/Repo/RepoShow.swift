import ArgumentParser
import Engine

struct RepoShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one repository.")

    @Argument(help: "Its name, URL, path or id.")
    var repository: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = repository
        let found = try await Session.with { workspace in try await workspace.repositories.registered(text) }
        try RepositoryOutput.show(found, output)
    }
}
