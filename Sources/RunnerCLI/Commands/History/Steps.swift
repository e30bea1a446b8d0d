import ArgumentParser
import Engine
import RunnerCore
import Store

struct Steps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steps", _superCommandName: "runner",
        abstract: "Show each attempt of a task's newest run: state, time, exit, files, tokens, cost, commits.")

    @Argument(help: "The task's number.")
    var task: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = task
        let steps = try await Session.with(tidies: true) { workspace -> [StepView] in
            let task = try await workspace.store.task(matching: text)
            guard let run = try await workspace.store.latestRun(of: task.id) else { return [] }
            return try await StepView.load(run: run.id, in: workspace)
        }
        if output.json { return try JSONOutput.print(steps) }
        if output.quiet { return Terminal.write(steps.map { $0.key + "\n" }.joined()) }
        Terminal.write(StepsTable.render(steps))
    }
}
