import ArgumentParser
import Engine
import RunnerCore
import Store

struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", _superCommandName: "runner", abstract: "Print the output of a task's attempts.",
        discussion: """
            An agent's event stream is shown as text. --raw gives the bytes as they came, those of standard output on \
            standard output and those of standard error on standard error; what a script prints is one stream, in its \
            order. Of a very long output the middle is not \
            kept; where it is missing, and how much, is said on standard error.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "Only this step.")
    var step: String?

    @Flag(name: .shortAndLong, help: "Go on as the run goes on, until it ends.")
    var follow = false

    @Flag(help: "The bytes as the program wrote them.")
    var raw = false

    @Option(help: "Only what went to stdout, or to stderr.")
    var stream: LogStream?

    @Option(help: "Only the attempt of this number.")
    var attempt: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        let options = AttemptLogOptions(step: step, follows: follow, raw: raw, attempt: attempt, stream: stream)
        let printer = LogPrinter(options: output, raw: raw, splits: raw && stream == nil)
        try await Session.with { workspace in
            let task = try await workspace.store.task(matching: text)
            try await workspace.log(of: task, options) { try printer.show($0) }
        }
        try printer.finish()
    }
}

extension LogStream: ExpressibleByArgument {}
