import ArgumentParser
import Engine
import RunnerCore

struct EnvLock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Lock a task's worktree: nothing removes it until it is unlocked.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(parsing: .unconditional, help: "Why, for whoever wonders.")
    var reason: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, reason) = (task, reason)
        let environment = try await Session.with { workspace in
            try await workspace.setLock(text, locked: true, reason: reason)
        }
        if output.json { return try JSONOutput.print(environment) }
        if !output.quiet { Terminal.message("locked") }
    }
}
