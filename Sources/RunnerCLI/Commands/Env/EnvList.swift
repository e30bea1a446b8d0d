import ArgumentParser
import Engine
import RunnerCore

struct EnvList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the worktrees, those that go first on top.")

    @Option(name: .shortAndLong, help: "Only those of this repository.")
    var repository: String?

    @Flag(help: "Removed ones too.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (repository, all) = (repository, all)
        let found = try await Session.with(tidies: true) { workspace in
            try await workspace.environments(repository: repository, all: all)
        }
        if output.json {
            return try JSONOutput.print(found.map { EnvironmentRow($0.environment, task: $0.taskNumber) })
        }
        if output.quiet { return Terminal.write(found.map { "\($0.taskNumber)\n" }.joined()) }
        guard !found.isEmpty else { return Terminal.message("no worktrees") }
        let rows = found.map { environment, number in
            [
                String(number), EnvironmentText.state(environment), EnvironmentText.due(environment),
                environment.sizeBytes.map(ByteText.format) ?? "",
                environment.derivedBytes.map { $0 == 0 ? "" : ByteText.format($0) } ?? "",
                environment.lockedAt == nil ? "" : "locked", environment.worktreePath,
            ]
        }
        Terminal.write(
            Table(headings: ["TASK", "STATE", "GOES", "SIZE", "DERIVED", "LOCK", "PATH"], rows: rows).render())
    }
}
