import ArgumentParser
import Engine
import RunnerCore

struct ArtifactList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List a task's artifacts, the newest version of each.")

    @Argument(help: "The task's number.")
    var task: String

    @Flag(help: "Every version.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        var artifacts = try await Session.with { workspace in try await workspace.artifacts(of: text) }
        if !all {
            var seen: Set<String> = []
            artifacts = artifacts.filter { seen.insert($0.name).inserted }
        }
        if output.json { return try JSONOutput.print(artifacts) }
        if output.quiet { return Terminal.write(artifacts.map { Terminal.plain($0.name) + "\n" }.joined()) }
        let rows = artifacts.map { artifact in
            [
                Terminal.plain(artifact.name), String(artifact.version), artifact.kind.rawValue, artifact.mediaType,
                String(artifact.size), String(artifact.sha256.prefix(12)),
                artifact.step.map { "\($0).\(artifact.attempt ?? 0)" } ?? "", Moments.relative(artifact.createdAt),
            ]
        }
        let headings = ["NAME", "VERSION", "KIND", "MEDIA TYPE", "BYTES", "SHA-256", "ATTEMPT", "MADE"]
        Terminal.write(Table(headings: headings, rows: rows).render())
        if artifacts.isEmpty { Terminal.message("its steps have handed over none") }
    }
}
