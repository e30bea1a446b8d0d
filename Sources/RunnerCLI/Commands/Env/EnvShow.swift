import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct EnvShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a task's worktree: its deadline, its size, and what keeps it.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    private struct View: Encodable {
        let environment: EnvironmentRecord
        let facts: CleanupFacts
        /// Why it could not be removed now; empty when it could.
        let kept: [String]
    }

    func run() async throws {
        let text = task
        let (environment, facts, reasons) = try await Session.with(tidies: true) { workspace in
            try await workspace.explain(text)
        }
        if output.json {
            return try JSONOutput.print(View(environment: environment, facts: facts, kept: reasons))
        }
        if output.quiet { return Terminal.write(environment.worktreePath + "\n") }
        var lines = [
            ("worktree", environment.worktreePath), ("branch", environment.branch),
            ("state", EnvironmentText.state(environment)), ("goes", deadline(environment, facts)),
        ]
        if let reason = environment.postponedReason { lines.append(("postponed", reason)) }
        if let size = environment.sizeBytes {
            let derived = environment.derivedBytes.map { ", \(ByteText.format($0)) of it can be made again" } ?? ""
            lines.append(("size", ByteText.format(size) + (environment.derivedBytes == 0 ? "" : derived)))
        }
        for line in facts.lines { lines.append(("", line)) }
        for reason in reasons { lines.append(("kept", reason)) }
        if reasons.isEmpty, environment.status == .idle { lines.append(("", "runner clean \(text) would remove it")) }
        for (name, value) in lines {
            Terminal.write(name.padding(toLength: 12, withPad: " ", startingAt: 0) + Terminal.plain(value) + "\n")
        }
    }

    private func deadline(_ environment: EnvironmentRecord, _ facts: CleanupFacts) -> String {
        guard environment.status != .terminated, let due = facts.dueAt else { return EnvironmentText.due(environment) }
        let latest = facts.latest.map { "; when it is in use, at the latest \(Moments.iso($0))" } ?? ""
        return "\(Moments.iso(due)) (\(Moments.relative(due)))\(latest)"
    }
}
