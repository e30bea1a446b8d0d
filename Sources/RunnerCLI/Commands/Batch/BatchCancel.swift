import ArgumentParser
import Engine
import RunnerCore
import Store

struct BatchCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a batch: what runs is cancelled, what has not begun never will.",
        discussion: "The work of its tasks is kept; batch resume goes on with it.")

    @Argument(help: "The batch's number.")
    var batch: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (text, output) = (batch, output)
        try await Session.with(tidies: true) { workspace in
            let batch = try await workspace.cancelBatch(text)
            if output.json {
                let items = try await workspace.store.batchItems(batch.id)
                return try JSONOutput.print(BatchView(batch: batch, items: items))
            }
            guard !output.quiet else { return }
            let rest = batch.processing == 0 ? "" : "; \(batch.processing) of its tasks have not ended yet"
            Terminal.message(BatchText.sentence(batch) + rest)
        }
    }
}
