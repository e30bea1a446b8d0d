import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", _superCommandName: "runner",
        abstract: "List the tasks: those that wait for a decision first, then the newest.")

    @Option(
        name: .shortAndLong,
        help:
            "Only tasks in this state: \(TaskStatus.allCases.map(\.rawValue).joined(separator: ", ")); can be repeated."
    )
    var state: [TaskStatus] = []

    @Option(name: .shortAndLong, help: "Only tasks on this repository.")
    var repository: String?

    @Option(help: "Only tasks in this stage.")
    var stage: String?

    @Option(name: .shortAndLong, help: "At most this many.")
    var limit = 50

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 100000.") }
    }

    func run() async throws {
        let (states, stage, limit, repository) = (state, stage, limit, repository)
        let (tasks, questions) = try await Session.with(tidies: true) { workspace in
            var filter = TaskFilter()
            filter.statuses = states
            filter.stage = stage
            filter.limit = limit
            if let repository {
                filter.repositoryID = try await workspace.repositories.registered(repository).id
            }
            return (try await workspace.store.tasks(filter), workspace.openQuestionTitles())
        }
        let question = { (summary: TaskSummary) in summary.task.question(among: questions) }
        // Like those at a gate they wait for a person.
        try render(tasks.filter { question($0) != nil } + tasks.filter { question($0) == nil }, question: question)
    }

    private func render(_ tasks: [TaskSummary], question: (TaskSummary) -> String?) throws {
        if output.json { return try JSONOutput.print(tasks.map { TaskRow($0, question: question($0)) }) }
        if output.quiet { return Terminal.write(tasks.map { "\($0.task.number)\n" }.joined()) }
        guard !tasks.isEmpty else {
            let isNarrowed = !state.isEmpty || stage != nil || repository != nil
            return Terminal.message(
                isNarrowed
                    ? "no task is like that; see all: runner list" : "no tasks; start one: runner start <repo> <task>")
        }
        let rows = tasks.map { summary in
            [
                String(summary.task.number), TaskRow(summary, question: question(summary)).state,
                summary.repositoryName,
                "\(summary.stepsDone)/\(summary.stepsTotal)", summary.currentStep ?? "",
                summary.totalCostUSD.map { String(format: "$%.2f", $0) } ?? "",
                Moments.relative(summary.task.createdAt), String(Terminal.plain(summary.task.title).prefix(60)),
            ]
        }
        Terminal.write(
            Table(headings: ["TASK", "STATE", "REPOSITORY", "STEPS", "STEP", "COST", "STARTED", "TITLE"], rows: rows)
                .render())
    }
}

extension TaskStatus: ExpressibleByArgument {}
