import ArgumentParser
import Engine
import RunnerCore

struct EnvUnlock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Unlock a task's worktree; its deadline counts again.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, reason) = (task, nil as String?)
        let environment = try await Session.with { workspace in
            try await workspace.setLock(text, locked: false, reason: reason)
        }
        if output.json { return try JSONOutput.print(environment) }
        if !output.quiet { Terminal.message("unlocked") }
    }
}
