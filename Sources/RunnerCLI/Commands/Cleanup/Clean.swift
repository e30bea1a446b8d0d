import ArgumentParser
import Engine
import RunnerCore

struct Clean: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove worktrees, after a verified snapshot.",
        discussion: "Without arguments: those whose deadline has passed. Each can be brought back with runner restore.")

    @Argument(help: "The numbers of tasks whose worktrees are to go now.")
    var tasks: [String] = []

    @Flag(help: "All whose deadline has passed; the default without tasks.")
    var due = false

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Only say what would be done.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if due, !tasks.isEmpty { throw ValidationError("Give either --due or the tasks, not both.") }
    }

    func run() async throws {
        let (texts, dryRun) = (tasks, dryRun)
        let reports = try await Session.with { workspace in try await workspace.clean(texts, dryRun: dryRun) }
        if output.json {
            try JSONOutput.print(reports)
        } else {
            reports.forEach(show)
            if reports.isEmpty, !output.quiet { Terminal.message("nothing is due") }
        }
        // Something asked for by name that stays is a refusal; a worktree that is merely not due is not.
        if !texts.isEmpty, reports.contains(where: { $0.outcome == .kept }) { throw ExitStatus.refused }
    }

    private func show(_ report: CleanupReport) {
        if output.quiet {
            if report.outcome != .kept { Terminal.write("\(report.task)\n") }
            return
        }
        Terminal.write("task \(report.task)  \(report.outcome.rawValue)  \(report.path)\n")
        for reason in report.reasons { Terminal.write("    \(Terminal.plain(reason))\n") }
    }
}
