import ArgumentParser
import Engine

struct Push: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Publish a task's branch to the repository's origin.",
        discussion: "For a repository registered by a path the branch becomes a ref there; nothing is checked out.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(name: [.customLong("as")], help: "The branch's name at the origin.")
    var branch: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, branch) = (task, branch)
        let view = LiveView(options: output)
        let published = try await Session.with(tidies: true) { workspace in
            try await workspace.push(text, as: branch, progress: view.handler)
        }
        if output.json { return try JSONOutput.print(published) }
        Terminal.write(published.branch + "\n")
        if !output.quiet { Terminal.message("\(published.commit.prefix(10)) is at \(published.destination)") }
    }
}
