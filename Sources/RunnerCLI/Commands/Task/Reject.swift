import ArgumentParser
import Engine

struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Reject what a task waits with: it fails, or goes back to an earlier step.",
        discussion: """
            Where the workflow names a step to go back to, or --to does, the work is done again from there, with the note \
            in that step's prompt. Otherwise the run fails; runner retry goes on with it.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Option(parsing: .unconditional, help: "What is wrong; the step that does it again gets to read it.")
    var note: String?

    @Option(name: .customLong("to"), help: "The step to go back to.")
    var rework: String?

    @Option(help: "The gate that is meant; without it the one at which the task waits.")
    var step: String?

    @Option(help: "The number of the run that is meant; without it the newest.")
    var run: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await GateOutput.decide(
            task, GateAnswer(isApproval: false, note: note, step: step, run: run, rework: rework), output)
    }
}
