import ArgumentParser
import Engine
import RunnerCore
import Store

struct BatchList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the batches, newest first.")

    @Option(name: .shortAndLong, help: "At most this many.")
    var limit = 50

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 100000.") }
    }

    func run() async throws {
        let limit = limit
        let batches = try await Session.with(tidies: true) { try await $0.store.batches(limit: limit) }
        if output.json { return try JSONOutput.print(batches) }
        if output.quiet { return Terminal.write(batches.map { "\($0.number)\n" }.joined()) }
        guard !batches.isEmpty else {
            return Terminal.message("no batches; start one: runner batch start <repo> --tasks <file>")
        }
        let rows = batches.map { batch in
            [
                String(batch.number), batch.status.rawValue, batch.repositoryName, batch.workflowName,
                "\(batch.completed)/\(batch.total)", batch.failed == 0 ? "" : String(batch.failed),
                Moments.relative(batch.createdAt), String(Terminal.plain(batch.title).prefix(60)),
            ]
        }
        Terminal.write(
            Table(
                headings: ["BATCH", "STATE", "REPOSITORY", "WORKFLOW", "DONE", "FAILED", "MADE", "TITLE"], rows: rows
            ).render())
    }
}
