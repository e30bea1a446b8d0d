import Foundation
import RunnerCore

/// One repository as text or JSON.
enum RepositoryOutput {
    static func show(_ repository: Repository, _ output: OutputOptions) throws {
        if output.json { return try JSONOutput.print(repository) }
        if output.quiet { return Terminal.write(repository.name + "\n") }
        var lines = [
            ("name", repository.name), ("url", repository.url), ("id", repository.id.description),
            ("state", repository.status.rawValue), ("branch", repository.defaultBranch ?? "(none yet)"),
        ]
        let settings = repository.settings
        if let branch = settings.branch { lines.append(("tasks from", branch)) }
        if let workflow = settings.workflow { lines.append(("workflow", workflow)) }
        if let agent = settings.agent { lines.append(("agent", agent)) }
        lines.append(("publish", (settings.publish ?? (repository.isLocal ? .branch : .never)).rawValue))
        lines.append(("retention", "\(settings.retentionDays ?? 7) days"))
        if let days = settings.logRetentionDays { lines.append(("logs", "\(days) days")) }
        if let days = settings.snapshotDays { lines.append(("snapshots", "\(days) days")) }
        if let bytes = settings.quotaBytes { lines.append(("quota", ByteText.format(bytes))) }
        if let spares = settings.spares { lines.append(("spares", "\(spares)")) }
        if let copy = settings.copy { lines.append(("copies", copy.joined(separator: ", "))) }
        if let sparse = settings.sparse { lines.append(("sparse", sparse.joined(separator: ", "))) }
        if let setup = settings.setup { lines.append(("set-up", firstLine(setup))) }
        if let teardown = settings.teardown { lines.append(("tear-down", firstLine(teardown))) }
        if let folders = settings.dependencies { lines.append(("depends", folders.joined(separator: ", "))) }
        if let budgets = settings.budgets { lines.append(("budget", budgets.map(\.text).joined(separator: "; "))) }
        if settings.submodules == true { lines.append(("submodules", "yes")) }
        if settings.lfs == true { lines.append(("lfs", "yes")) }
        if let fetched = repository.fetchedAt { lines.append(("fetched", Moments.relative(fetched))) }
        Terminal.write(
            lines.map { $0.0.padding(toLength: 11, withPad: " ", startingAt: 0) + $0.1 + "\n" }.joined())
    }

    static func firstLine(_ script: String) -> String {
        let lines = Terminal.plainLines(script).split(separator: "\n")
        return (lines.first.map(String.init) ?? "") + (lines.count > 1 ? " …" : "")
    }
}
