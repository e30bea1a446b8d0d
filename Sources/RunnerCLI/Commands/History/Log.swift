import ArgumentParser
import Engine
import RunnerCore
import Store

struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the output of a task's attempts.",
        discussion: "An agent's event stream is shown as text; --raw gives its bytes as they came.")

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "Only this step.")
    var step: String?

    @Flag(name: .shortAndLong, help: "Go on as the run goes on, until it ends.")
    var follow = false

    @Flag(help: "The bytes as the program wrote them.")
    var raw = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step, follow, raw) = (task, step, follow, raw)
        let printer = LogPrinter(options: output, raw: raw)
        try await Session.with { workspace in
            let task = try await workspace.store.task(matching: text)
            let options = AttemptLogOptions(step: step, follows: follow, raw: raw)
            try await workspace.log(of: task, options) { try printer.show($0) }
        }
        try printer.finish()
    }
}
