import ArgumentParser
import Engine
import RunnerCore

struct Clean: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean", abstract: "Remove worktrees, after a verified snapshot.",
        discussion: """
            Without arguments: those whose deadline has passed. With several conditions, those that meet all. Each can \
            be brought back with runner restore.
            """)

    @Argument(help: "The numbers of tasks whose worktrees are to go now.")
    var tasks: [String] = []

    @Flag(help: "All whose deadline has passed; the default without tasks and conditions.")
    var due = false

    @Flag(help: "All whose branch is merged, also by squash, rebase or cherry-pick; fetches first.")
    var merged = false

    @Option(help: "All that nobody used for this long, as 12h, 30d or 2w.")
    var olderThan: String?

    @Flag(help: "With --merged: judge by what was fetched last.")
    var offline = false

    @Flag(name: [.customLong("dry-run"), .customShort("n")], help: "Only say what would be done.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !tasks.isEmpty, due || merged || olderThan != nil {
            throw ValidationError("Give either the tasks or conditions, not both.")
        }
        if offline, !merged { throw ValidationError("--offline goes with --merged.") }
        if let olderThan, DurationText.parse(olderThan) == nil {
            throw ValidationError("\"\(olderThan)\" is no duration of up to 100 years; write it as 12h, 30d or 2w.")
        }
    }

    func run() async throws {
        let request = CleanRequest(
            tasks: tasks, due: due, merged: merged, olderThan: olderThan.flatMap(DurationText.parse), dryRun: dryRun,
            offline: offline, explains: !output.quiet)
        let reports = try await Session.with { workspace in try await workspace.clean(request) }
        if output.json {
            try JSONOutput.print(reports)
        } else {
            reports.forEach(show)
            if reports.isEmpty, !output.quiet { Terminal.message("nothing is due") }
        }
        // Something asked for by name that stays is a refusal; a worktree that is merely not due is not.
        if !tasks.isEmpty, reports.contains(where: { $0.outcome == .kept }) { throw ExitStatus.refused }
    }

    private func show(_ report: CleanupReport) {
        if output.quiet {
            if report.outcome != .kept { Terminal.write("\(report.task)\n") }
            return
        }
        Terminal.write("task \(report.task)  \(report.outcome.rawValue)  \(report.path)\n")
        if let error = report.teardownError { Terminal.write("    its tear-down failed: \(Terminal.plain(error))\n") }
        for reason in report.reasons + (report.facts?.lines ?? []) {
            Terminal.write("    \(Terminal.plain(reason))\n")
        }
    }
}
