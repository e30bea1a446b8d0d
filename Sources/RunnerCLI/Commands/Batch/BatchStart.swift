import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct BatchStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Make a batch of tasks on a repository and work it through.",
        discussion: """
            The file has a task a line, or is CSV with a header, a JSON array, or JSON lines: a text, and optionally title, \
            labels, priority and inputs (in CSV a column input.NAME for each). Each task gets its own worktree and branch, \
            from the base as it is now. Tasks are made when it is their turn.

            The status is 0 only when every item completed. Ctrl-C cancels the batch; batch resume goes on with it. When \
            this command dies, a daemon goes on.

            The number of the batch is printed to standard output, everything else to standard error.
            """)

    @Argument(help: "The repository: a URL, a path on this machine, or a registered name.", completion: .directory)
    var repository: String

    @Option(name: .shortAndLong, help: "The file of tasks; - reads standard input.", completion: .file())
    var tasks: String

    @Option(help: "How the file is to be read: lines, csv, json or jsonl; else it is recognised.")
    var format: BatchFormat?

    @Option(
        name: .shortAndLong, help: "A workflow's name or the path of a YAML file.",
        completion: .file(extensions: ["yaml", "yml"]))
    var workflow: String?

    @Option(help: "How many items are at work at once, 1 to 1000.")
    var width = 1

    @Flag(help: "Begin no further item after one that did not complete.")
    var stopOnFailure = false

    @Option(parsing: .unconditional, help: "What the batch is called; the default is the file's name.")
    var title: String?

    @OptionGroup var task: BatchTaskOptions

    @Flag(help: "Make the batch without beginning it; batch resume begins it.")
    var hold = false

    @Flag(name: .shortAndLong, help: "Leave the batch to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(width) else { throw ValidationError("--width takes a number from 1 to 1000.") }
        guard !hold || !detach else { throw ValidationError("--hold and --detach exclude each other.") }
        if let title, TaskText.validate(title: title) != nil {
            throw ValidationError("--title takes a text of at most 1000 letters.")
        }
    }

    func run() async throws {
        let file = BatchTasksFile(argument: tasks, format: format)
        let request = BatchRequest(
            start: try task.request(repository: repository, workflow: workflow), items: try file.items(),
            title: title ?? Terminal.plain(String(file.name.split(separator: "/").last ?? "tasks")), width: width,
            stopOnFailure: stopOnFailure)
        let (output, hold, detach) = (output, hold, detach)
        let view = LiveView(options: output)
        try await Session.with(tidies: true) { workspace in
            let cancellation = Cancellation.onSignals()
            let batch = try await workspace.makeBatch(request, progress: view.handler, cancellation: cancellation)
            if hold { return try await BatchEnd.reportHeld(batch, in: workspace, output: output) }
            try await BatchEnd.of(batch, in: workspace, detach: detach, output: output, cancellation: cancellation)
        }
    }
}

extension BatchFormat: ExpressibleByArgument {}
