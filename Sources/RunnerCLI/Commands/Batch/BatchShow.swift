import ArgumentParser
import Engine
import RunnerCore
import Store

struct BatchShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a batch: its progress and its items.")

    @Argument(help: "The batch's number.")
    var batch: String

    @Flag(help: "Show the texts and what an agent made of them, side by side.")
    var refined = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let text = batch
        let view = try await Session.with(tidies: true) { workspace in
            let batch = try await workspace.store.batch(matching: text)
            return BatchView(batch: batch, items: try await workspace.store.batchItems(batch.id))
        }
        if output.json { return try JSONOutput.print(view) }
        if output.quiet { return Terminal.write("\(view.batch.number)\n") }
        if refined { return Terminal.write(RefinedText(items: view.items).render(width: Terminal.outputWidth)) }
        Terminal.write(BatchText.describe(view))
    }
}
