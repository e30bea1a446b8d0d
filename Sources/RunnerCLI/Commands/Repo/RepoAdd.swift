import ArgumentParser
import Engine

struct RepoAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a repository and clone it.")

    @Argument(help: "A URL, or a path on this machine.", completion: .directory)
    var location: String

    @Option(help: "The name to call it by.")
    var name: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (location, name) = (location, name)
        let view = LiveView(options: output)
        let repository = try await Session.with(tidies: true) { workspace in
            try await workspace.repositories.add(location, name: name, progress: view.handler)
        }
        try RepositoryOutput.show(repository, output)
    }
}
