import ArgumentParser
import Engine
import RunnerCore

struct PathCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path", _superCommandName: "runner",
        abstract: "Print the path of a task's worktree: cd \"$(runner path 12)\".")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        let environment = try await Session.with { workspace in try await workspace.worktree(of: text) }
        if output.json {
            return try JSONOutput.print(["path": environment.worktreePath, "branch": environment.branch])
        }
        Terminal.write(environment.worktreePath + "\n")
    }
}
