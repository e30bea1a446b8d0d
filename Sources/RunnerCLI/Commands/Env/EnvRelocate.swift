import ArgumentParser
import Engine
import RunnerCore

struct EnvRelocate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relocate", abstract: "Say where you moved a task's worktree to.")

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "The folder where the worktree is now.", completion: .directory)
    var folder: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, folder) = (task, folder)
        let environment = try await Session.with { workspace in try await workspace.relocate(text, to: folder) }
        if output.json { return try JSONOutput.print(environment) }
        Terminal.write(environment.worktreePath + "\n")
    }
}
