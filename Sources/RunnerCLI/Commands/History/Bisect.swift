import ArgumentParser
import Engine

struct Bisect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bisect", abstract: "Find the step of a task that broke something.",
        discussion: """
            Runs the command by sh at the ends of steps, each in a fresh worktree of its own. Status 0 is good, 1 to \
            124 bad, 125 means that it cannot tell.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Option(name: .customLong("run"), help: "The command, as 'make test'.")
    var command: String

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard command.contains(where: { !$0.isWhitespace }) else { throw ValidationError("The command is empty.") }
    }

    func run() async throws {
        let (text, command, output) = (task, command, output)
        let view = LiveView(options: output)
        let found = try await Session.with { workspace in
            try await workspace.bisect(
                text, command: command, shows: !output.quiet && !output.json, progress: view.handler,
                cancellation: Cancellation.onSignals())
        }
        if output.json { return try JSONOutput.print(found) }
        guard let bad = found.firstBad, let step = bad.step else {
            if !output.quiet { Terminal.message("no step broke it: the command succeeds at the end") }
            return
        }
        Terminal.write("\(step)\n")
        guard !output.quiet else { return }
        if !found.suspects.isEmpty {
            Terminal.message(
                "or one of these, where the command could not tell: \(found.suspects.joined(separator: ", "))")
        }
        Terminal.message("the first step after which it fails is \(step): runner diff \(found.task) \(step)")
    }
}
