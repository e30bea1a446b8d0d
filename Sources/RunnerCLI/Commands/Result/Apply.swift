import ArgumentParser
import Engine

struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Put a task's changes onto your own checkout, uncommitted.",
        discussion: "Refuses, and changes nothing, where the changes do not apply cleanly.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(
        name: .customLong("to"),
        help: "The checkout; the default is the one you stand in, else the path the repository is registered by.",
        completion: .directory)
    var directory: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, directory) = (task, directory)
        let applied = try await Session.with(tidies: true) { workspace in
            try await workspace.apply(text, to: directory)
        }
        if output.json { return try JSONOutput.print(applied) }
        if output.quiet { return }
        Terminal.message(
            "\(applied.files) file\(applied.files == 1 ? "" : "s") changed in \(applied.directory), not committed")
    }
}
