import ArgumentParser
import Engine

struct RepoAllow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow",
        abstract: "Allow the scripts that a repository brings to be run, as they are now.",
        discussion: "A change to the file asks for consent again. Read it first: runner repo scripts.")

    @Argument(help: "Its name, URL, path or id.")
    var repository: String

    @Argument(help: "The SHA-256 of the file, as runner repo scripts shows it.")
    var sha256: String

    @Flag(help: "Take the consent back.")
    var withdraw = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, hash, isWithdrawn) = (repository, sha256.lowercased(), withdraw)
        let changed = try await Session.with { workspace in
            try await workspace.repositories.allow(
                try await workspace.repositories.registered(text), sha256: hash, isWithdrawn: isWithdrawn)
        }
        if !output.json, !output.quiet {
            Terminal.message(isWithdrawn ? "they are not run any more" : "they are run from now on, until they change")
        }
        try RepositoryOutput.show(changed, output)
    }
}
