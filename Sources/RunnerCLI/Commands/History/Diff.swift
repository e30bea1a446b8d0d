import ArgumentParser
import Engine
import RunnerCore
import Store

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", _superCommandName: "runner",
        abstract: "Print what a task changed against its base, or what one step changed.",
        discussion: "In a pipe binary files are in it whole, for git apply; on a terminal they are only named.")

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "Only this step's changes.")
    var step: String?

    @Flag(help: "Only names and counts.")
    var stat = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step) = (task, step)
        guard stat || output.quiet || output.json else {
            let isForPeople = Terminal.isOutputTerminal
            let patch = try await Session.with(tidies: true) { workspace in
                try await workspace.patch(
                    of: try await workspace.store.task(matching: text), step: step, binary: !isForPeople)
            }
            return isForPeople ? Terminal.write(Terminal.printable(patch)) : Terminal.write(patch)
        }
        let diff = try await Session.with(tidies: true) { workspace in
            try await workspace.diff(of: try await workspace.store.task(matching: text), step: step)
        }
        if output.json { return try JSONOutput.print(diff) }
        for file in diff.files {
            let path = Terminal.isOutputTerminal ? Terminal.plain(file.path) : file.path
            Terminal.write(output.quiet ? "\(path)\n" : "+\(file.insertions) -\(file.deletions)\t\(path)\n")
        }
    }
}
