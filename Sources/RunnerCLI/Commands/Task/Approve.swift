import ArgumentParser
import Engine

struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve what a task waits with; its run goes on in the background.",
        discussion: """
            The approval counts for the files and outputs as they were when the run began to wait. When they have changed \
            since, nothing is decided and the gate stands for what is there now.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Option(parsing: .unconditional, help: "A note for the record.")
    var note: String?

    @Option(help: "The gate that is meant; without it the one at which the task waits.")
    var step: String?

    @Option(help: "The number of the run that is meant; without it the newest.")
    var run: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await GateOutput.decide(
            task, GateAnswer(isApproval: true, note: note, step: step, run: run), output)
    }
}
