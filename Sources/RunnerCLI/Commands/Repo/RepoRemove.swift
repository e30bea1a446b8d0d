import ArgumentParser
import Engine

struct RepoRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a repository and its tasks; refused while one is active or has a worktree.",
        discussion: "The clone, with every branch and snapshot, is moved to the trash folder, not deleted.")

    @Argument(help: "Its name, URL, path or id.")
    var repository: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = repository
        let trash = try await Session.with { workspace in
            try await workspace.repositories.remove(try await workspace.repositories.registered(text))
        }
        if output.json { return try JSONOutput.print(["trash": trash]) }
        if !output.quiet { Terminal.message("removed\(trash.map { "; its clone is in \($0)" } ?? "")") }
    }
}
