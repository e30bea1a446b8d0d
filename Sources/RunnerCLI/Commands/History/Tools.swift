import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct Tools: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tools", _superCommandName: "runner",
        abstract: "Show the tools that agents used for a task: name, arguments, state, time.",
        discussion: """
            Of all its runs, the oldest first; an argument or result that is longer than what is kept ends with a \
            mark, and the whole of it is in the output: runner log --raw. --full prints arguments and results too.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "Only this step.")
    var step: String?

    @Flag(help: "Print arguments and results in full.")
    var full = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step) = (task, step)
        let uses = try await Session.with { workspace in
            try await ToolUse.load(try await workspace.store.task(matching: text), step: step, in: workspace)
        }
        if output.json { return try JSONOutput.print(uses) }
        if output.quiet { return Terminal.write(uses.map { $0.name + "\n" }.joined()) }
        guard !uses.isEmpty else { return Terminal.message("no tool was used") }
        if full { return Terminal.write(uses.map(\.text).joined()) }
        let rows = uses.map { use in
            [
                String(use.run), use.step, String(use.attempt), String(use.number), Terminal.plain(use.name),
                use.status.rawValue,
                use.durationMs.map { Moments.duration(milliseconds: $0) } ?? "",
                String(Terminal.plain(use.headline).prefix(80)),
            ]
        }
        Terminal.write(
            Table(headings: ["RUN", "STEP", "TRY", "NO", "TOOL", "STATE", "TIME", "ARGUMENTS"], rows: rows).render())
    }
}
