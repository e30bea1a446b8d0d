import ArgumentParser
import Engine
import RunnerCore

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring back the worktree of a task as it was when it was removed.")

    @Argument(help: "The task's number.")
    var task: String

    @Option(help: "Write it into this folder, which must be empty or missing, and leave the task as it is.")
    var to: String?

    @Option(help: "The number of the snapshot; else the newest. See runner snapshots.")
    var snapshot: Int?

    @OptionGroup var output: OutputOptions

    private struct Copy: Encodable {
        let path: String
    }

    func run() async throws {
        let (text, snapshot) = (task, snapshot)
        if let to {
            let path = try await Session.with { workspace in
                try await workspace.restore(text, snapshot: snapshot, to: to)
            }
            if output.json { return try JSONOutput.print(Copy(path: path)) }
            return Terminal.write(path + "\n")
        }
        let environment = try await Session.with { workspace in try await workspace.restore(text, snapshot: snapshot) }
        if output.json { return try JSONOutput.print(environment) }
        Terminal.write(environment.worktreePath + "\n")
    }
}
