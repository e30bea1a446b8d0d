import ArgumentParser
import Engine

struct RepoAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a repository and clone it.")

    @Argument(help: "A URL, or a path on this machine.", completion: .directory)
    var location: String

    @Option(help: "The name to call it by.")
    var name: String?

    @Flag(inversion: .prefixedNo, help: "Whether worktrees get the contents of files that Git LFS keeps.")
    var lfs: Bool?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (location, name, lfs) = (location, name, lfs)
        let view = LiveView(options: output)
        let repository = try await Session.with(tidies: true) { workspace in
            let added = try await workspace.repositories.add(location, name: name, progress: view.handler)
            guard let lfs else { return added }
            return try await workspace.repositories.update(added, RepositoryChange(lfs: lfs))
        }
        try RepositoryOutput.show(repository, output)
    }
}
