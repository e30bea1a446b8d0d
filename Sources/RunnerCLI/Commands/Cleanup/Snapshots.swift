import ArgumentParser
import Engine
import RunnerCore

struct Snapshots: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshots", abstract: "List the snapshots of a task's worktree.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        let snapshots = try await Session.with { workspace in try await workspace.snapshots(text) }
        if output.json { return try JSONOutput.print(snapshots) }
        if output.quiet { return Terminal.write(snapshots.map { "\($0.number)\n" }.joined()) }
        guard !snapshots.isEmpty else { return Terminal.message("task \(text) has no snapshots") }
        let rows = snapshots.map { snapshot in
            [
                String(snapshot.number), Moments.relative(snapshot.createdAt), snapshot.reason.rawValue,
                snapshot.verified ? "yes" : "no", snapshot.files.map(String.init) ?? "",
                snapshot.bytes.map(ByteText.format) ?? "", String(snapshot.notSaved.count),
                Moments.relative(snapshot.expiresAfter), snapshot.host, snapshot.ref,
            ]
        }
        let headings = [
            "SNAPSHOT", "TAKEN", "REASON", "VERIFIED", "FILES", "SIZE", "NOT SAVED", "EXPIRES", "HOST", "REF",
        ]
        Terminal.write(Table(headings: headings, rows: rows).render())
    }
}
