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
        let (text, step, follow, raw, output) = (task, step, follow, raw, output)
        try await Session.with { workspace in
            let task = try await workspace.store.task(matching: text)
            let options = AttemptLogOptions(step: step, follows: follow, raw: raw)
            try await workspace.log(of: task, options) { piece in
                switch piece {
                case .heading(let step, let attempt):
                    if output.json || raw || output.quiet { return }
                    Terminal.message("== \(step.key), attempt \(attempt.number) ==")
                case .bytes(let step, let attempt, let bytes):
                    guard output.json else { return Terminal.write(raw ? bytes : Array(Terminal.printable(bytes).utf8)) }
                    try JSONOutput.printLine(
                        LogLine(step: step.key, attempt: attempt.number, text: String(decoding: bytes, as: UTF8.self)))
                }
            }
        }
    }
}
