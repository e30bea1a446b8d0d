import ArgumentParser
import Engine

struct RepoScripts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scripts",
        abstract: "Show the scripts that a repository brings in .runner.yaml, and whether they are allowed here.")

    @Argument(help: "Its name, URL, path or id.")
    var repository: String

    @Option(name: .shortAndLong, help: "The branch, tag or commit to look at.")
    var base: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, base) = (repository, base)
        let found = try await Session.with { workspace in
            try await workspace.repositories.scripts(
                of: try await workspace.repositories.registered(text), base: base)
        }
        if output.json { return try JSONOutput.print(found) }
        guard let found else {
            if !output.quiet { Terminal.message("it brings no scripts") }
            return
        }
        if output.quiet { return Terminal.write(found.sha256 + "\n") }
        Terminal.message("\(found.file)  \(found.isAllowed ? "allowed" : "not allowed")  SHA-256 \(found.sha256)")
        Terminal.write(Terminal.plainLines(found.text) + (found.text.hasSuffix("\n") ? "" : "\n"))
        if !found.isAllowed { Terminal.message("allow it: runner repo allow \(text) \(found.sha256)") }
    }
}
