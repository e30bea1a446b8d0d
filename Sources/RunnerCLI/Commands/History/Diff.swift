import ArgumentParser
import Engine
import RunnerCore
import Store

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a task changed against its base, or what one step changed.")

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "Only this step's changes.")
    var step: String?

    @Flag(help: "Only names and counts.")
    var stat = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step) = (task, step)
        let diff = try await Session.with { workspace in
            try await workspace.diff(of: try await workspace.store.task(matching: text), step: step)
        }
        if output.json { return try JSONOutput.print(diff.summary) }
        guard stat || output.quiet else { return Terminal.write(diff.patch) }
        for file in diff.summary.files {
            Terminal.write(output.quiet ? "\(file.path)\n" : "+\(file.insertions) -\(file.deletions)\t\(file.path)\n")
        }
    }
}
