import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", _superCommandName: "runner",
        abstract: "Show a task: its state, worktree, deadline, steps and cost.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        let view = try await Session.with(tidies: true) { workspace in
            try await TaskView.load(try await workspace.store.task(matching: text), in: workspace)
        }
        if output.json { return try JSONOutput.print(view) }
        if output.quiet { return Terminal.write("\(view.task.number)\n") }
        Terminal.write(describe(view))
    }

    private func describe(_ view: TaskView) -> String {
        var lines = [
            ("task", "\(view.task.number)  \(Terminal.plain(view.task.title))"),
            ("state", view.waitsFor.isEmpty ? view.task.status.rawValue : TaskNumbers.waiting(for: view.waitsFor)),
            ("repository", "\(view.repository.name)  \(view.repository.url)"),
        ]
        if let question = view.question {
            lines.append(("permission", "asked for: \(Terminal.plain(question))"))
            lines.append(("", "runner approve \(view.task.number)   or   runner reject \(view.task.number)"))
        }
        if let environment = view.environment {
            lines.append(("branch", environment.branch))
            lines.append(("base", environment.baseCommit))
            lines.append(("worktree", worktree(environment)))
            if let silence = view.hostSilence {
                let life = "its last sign of life was \(Moments.span(max(0, silence))) ago"
                lines.append(
                    ("host", "\(environment.host), \(life); to go on here: runner takeover \(view.task.number)"))
            }
            lines.append(("cleanup", deadline(environment, view)))
        }
        if let error = view.task.error { lines.append(("error", Terminal.plain(error))) }
        var text = lines.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
        for run in view.runs {
            let until = run.dueAt.map { " until \(Moments.iso($0)) (\(Moments.relative($0)))" } ?? ""
            text +=
                "\n\nrun \(run.number): \(run.status.rawValue)\(until), workflow \(run.workflow) v\(run.workflowVersion)\n"
            if let reason = run.hold?.reason {
                let remedy = run.hold?.budget.map { "; raise it: \($0.remedy(task: view.task.number))" } ?? ""
                text += "waits because \(Terminal.plain(reason))\(remedy)\n"
            }
            text += StepsTable.render(run.steps)
        }
        return text.hasSuffix("\n") ? text : text + "\n"
    }

    private func worktree(_ environment: EnvironmentRecord) -> String {
        guard environment.status == .terminated else { return environment.worktreePath }
        guard environment.removal == .vanished else {
            return environment.snapshotRef == nil ? "removed" : "removed; bring it back with: runner restore \(task)"
        }
        return "gone by other hands; check its last commit out again with: runner restore \(task)"
    }

    private func deadline(_ environment: EnvironmentRecord, _ view: TaskView) -> String {
        if environment.status == .terminated { return "done" }
        if environment.kept { return "kept for ever" }
        if let lock = environment.lockedAt { return "locked \(Moments.relative(lock))" }
        guard let moment = environment.dueAt else { return "after its run" }
        let latest = view.latestCleanup.map { "; when it is in use, at the latest \(Moments.iso($0))" } ?? ""
        return "\(Moments.iso(moment)) (\(Moments.relative(moment)))\(latest)"
    }
}
