import ArgumentParser
import Engine

struct Rewind: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind", abstract: "Take a task's worktree and branch back to where a step had ended.",
        discussion: """
            What is there now is saved first, as a snapshot. Ignored files stay as they are. Go on with runner retry \
            --from.
            """)

    @Argument(help: "The task's number.")
    var task: String

    @Option(name: .customLong("to"), help: "The step whose end to go back to. See runner steps.")
    var step: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, step, output) = (task, step, output)
        let view = LiveView(options: output)
        let done = try await Session.with { workspace in
            try await workspace.rewind(text, to: step, progress: view.handler)
        }
        if output.json { return try JSONOutput.print(done) }
        if output.quiet { return Terminal.write("\(done.snapshot)\n") }
        Terminal.message(
            "task \(done.task) is back at the end of \(done.step); what was there is snapshot \(done.snapshot): "
                + "runner restore \(done.task) --snapshot \(done.snapshot) --to <folder>")
        for sentence in done.notSaved { Terminal.message("not saved: \(sentence)") }
        if let next = done.next { Terminal.message("go on with: runner retry \(done.task) --from \(next)") }
    }
}
