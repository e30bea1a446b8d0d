import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Show tasks side by side: state, changes, checks, cost, tokens and time.",
        discussion: """
            Checks are the steps that run a script. Cost, tokens and time are those of all attempts. \
            For forks of one task, this shows which candidate did best.
            """)

    @Argument(help: "The tasks' numbers, two or more.")
    var tasks: [String]

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if tasks.count < 2 { throw ValidationError("A comparison needs two tasks or more.") }
    }

    func run() async throws {
        let tasks = tasks
        let found = try await Session.with { workspace in try await workspace.compare(tasks) }
        if output.json { return try JSONOutput.print(found) }
        if output.quiet { return Terminal.write(found.map { "\($0.task)\n" }.joined()) }
        var rows = Self.lines.map { name, value in [name] + found.map { Terminal.plain(String(value($0).prefix(40))) } }
        var seen: Set<String> = []
        for step in found.flatMap({ $0.checks.map(\.step) }) where seen.insert(step).inserted {
            rows.append(["check \(step)"] + found.map { Self.check(step, in: $0) })
        }
        Terminal.write(Table(headings: [""] + found.map { "TASK \($0.task)" }, rows: rows).render())
    }

    private static let lines: [(String, @Sendable (TaskComparison) -> String)] = [
        ("title", { $0.title }),
        ("state", { $0.status.rawValue }),
        ("workflow", { task in task.workflow.map { "\($0)@\(task.workflowVersion ?? 0)" } ?? "" }),
        ("agent", { ($0.agents + $0.models).joined(separator: ", ") }),
        ("files", { $0.filesChanged.map(String.init) ?? "unknown" }),
        ("lines", { task in task.insertions.map { "+\($0) -\(task.deletions ?? 0)" } ?? "unknown" }),
        ("checks", { "\($0.checksPassed) passed, \($0.checksFailed) failed" }),
        ("attempts", { String($0.attempts) }),
        ("cost", { $0.costUsd.map { String(format: "$%.4f", $0) } ?? "none told" }),
        ("tokens", { "\($0.tokens.input + $0.tokens.cacheRead + $0.tokens.cacheWrite) in, \($0.tokens.output) out" }),
        ("time", { Moments.duration(milliseconds: $0.durationMs) }),
    ]

    private static func check(_ step: String, in task: TaskComparison) -> String {
        guard let check = task.checks.first(where: { $0.step == step }) else { return "" }
        guard check.status == .failed, let code = check.exitCode else { return check.status.rawValue }
        return "failed (exit \(code))"
    }
}
