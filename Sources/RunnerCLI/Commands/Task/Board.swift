import ArgumentParser
import Engine
import RunnerCore
import Store

struct Board: AsyncParsableCommand {
    enum Column: String, CaseIterable, ExpressibleByArgument {
        case stage, status
    }

    static let configuration = CommandConfiguration(
        commandName: "board", _superCommandName: "runner", abstract: "Show the tasks of a project, or all, as a board.",
        discussion: """
            The columns are the stages of the tasks' workflows, in the order in which runs come to them, and \"done\"; or with \
            --by status the states. On a terminal they stand side by side, in a pipe below each other. A ? is before tasks that \
            wait for a person.
            """)

    @Argument(help: "The project's name; without it all tasks are shown.")
    var project: String?

    @Option(help: "What makes the columns: stage or status.")
    var by = Column.stage

    @Option(name: .shortAndLong, help: "At most this many tasks in each column, the newest.")
    var limit = 20

    @Option(help: "Fit this many letters instead of the terminal's width.")
    var width: Int?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 10000.") }
        if let width, !(20...10_000).contains(width) {
            throw ValidationError("--width takes a number from 20 to 10000.")
        }
    }

    func run() async throws {
        let (name, by) = (project, by)
        let columns = try await Session.with(tidies: true) { workspace in
            var filter = TaskFilter(limit: 10_000)
            if let name { filter.projectID = try await workspace.store.project(named: name).id }
            let tasks = try await workspace.store.tasks(filter)
            let stages = by == .stage ? try await workspace.store.stages(of: tasks.map(\.task.id)) : nil
            return BoardColumn.columns(of: tasks, stages: stages, questions: workspace.openQuestionTitles())
        }
        if output.json { return try JSONOutput.print(columns) }
        if output.quiet {
            return Terminal.write(columns.flatMap(\.tasks).map { "\($0.number)\n" }.joined())
        }
        guard !columns.isEmpty else {
            return Terminal.message(
                project.map { "the project \"\($0)\" has no tasks; see all: runner board" }
                    ?? "no tasks; start one: runner start <repo> <task>")
        }
        let room = width ?? (Terminal.isOutputTerminal ? Terminal.outputWidth : nil)
        Terminal.write(BoardText(columns: columns, limit: limit).render(width: room))
    }
}
