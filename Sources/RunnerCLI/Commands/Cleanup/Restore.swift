import ArgumentParser
import Engine
import RunnerCore

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring back the worktree of a task as it was when it was removed.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        let environment = try await Session.with { workspace in try await workspace.restore(text) }
        if output.json { return try JSONOutput.print(environment) }
        Terminal.write(environment.worktreePath + "\n")
    }
}
