import ArgumentParser
import Engine

struct RepoVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Fetch from the origin and say whether it can be used.")

    @Argument(help: "Its name, URL, path or id.")
    var repository: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = repository
        let view = LiveView(options: output)
        let verified = try await Session.with { workspace in
            try await workspace.repositories.verify(
                try await workspace.repositories.registered(text), progress: view.handler)
        }
        if !output.json, !output.quiet { Terminal.message("reachable, and its branches are up to date here") }
        try RepositoryOutput.show(verified, output)
    }
}
