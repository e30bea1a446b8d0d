import ArgumentParser
import Engine
import RunnerCore

struct WorkflowHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List the versions of a workflow that the database holds, the newest first.",
        discussion: "A version is kept when it is published, and when a run begins with a text that is not there yet.")

    @Argument(help: "The workflow's name.")
    var name: String

    @OptionGroup var output: OutputOptions

    private struct View: Encodable {
        let workflow: WorkflowRecord
        let versions: [WorkflowVersionRecord]
    }

    func run() async throws {
        let name = name
        let (record, versions) = try await Session.with { workspace in try await workspace.workflowHistory(name) }
        if output.json { return try JSONOutput.print(View(workflow: record, versions: versions)) }
        if output.quiet { return Terminal.write(versions.map { "\($0.version)\n" }.joined()) }
        let rows = versions.map { version in
            [
                String(version.version), version.version == record.currentVersion ? "current" : "",
                Moments.iso(version.createdAt), Terminal.plain(version.author), version.origin.rawValue,
                version.publishedAt.map { Moments.relative($0) } ?? "", String(version.runs),
                String(version.checksum.prefix(12)),
            ]
        }
        let headings = ["VERSION", "", "MADE", "AUTHOR", "FROM", "PUBLISHED", "RUNS", "SHA-256"]
        Terminal.message("\(Terminal.plain(record.name)): \(record.status.rawValue)")
        Terminal.write(Table(headings: headings, rows: rows).render())
    }
}
