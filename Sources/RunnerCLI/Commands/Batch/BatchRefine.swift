import ArgumentParser
import Engine
import RunnerCore
import Store

struct BatchRefine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refine", abstract: "Have an agent make the texts of a batch's tasks clearer, before they begin.",
        discussion: """
            Runs the workflow batch-refine over the text of each item that has not begun, in a batch of its own, and shows \
            the texts side by side. Nothing changes until --accept says so, for all or for the items named.
            """)

    @Argument(help: "The batch's number.")
    var batch: String

    @Argument(help: "With --accept: the numbers of the items; without any, all that were refined.")
    var items: [Int] = []

    @Flag(help: "Have the refined texts take the place of the first ones.")
    var accept = false

    @Option(
        name: .shortAndLong, help: "A workflow's name or the path of a YAML file.",
        completion: .file(extensions: ["yaml", "yml"]))
    var workflow = "batch-refine"

    @OptionGroup var agent: AgentOptions

    @Option(help: "How many texts are at work at once, 1 to 1000.")
    var width = 1

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(width) else { throw ValidationError("--width takes a number from 1 to 1000.") }
        guard accept || items.isEmpty else { throw ValidationError("Items are named with --accept only.") }
    }

    func run() async throws {
        let (text, items, accept, output) = (batch, items, accept, output)
        let request = RefineRequest(
            batch: text, workflow: workflow, agent: agent.agent, agentCommand: agent.command, model: agent.model,
            fallback: agent.fallback,
            width: width)
        try await Session.with(tidies: true) { workspace in
            if accept {
                let count = try await workspace.acceptRefined(text, items: items)
                if !output.quiet { Terminal.message("\(count) refined text\(count == 1 ? "" : "s") accepted") }
                if output.json { try JSONOutput.print(try await BatchRefine.view(text, workspace)) }
                return
            }
            let cancellation = Cancellation.onSignals()
            let view = LiveView(options: output)
            let refinement = try await workspace.makeRefinement(
                request, progress: view.handler, cancellation: cancellation)
            let live = BatchLiveView(options: output, batch: refinement)
            live.begin()
            let ended = try await workspace.workBatch(refinement, tell: live.handler, cancellation: cancellation)
            let refined = try await BatchRefine.view(text, workspace)
            if output.json {
                try JSONOutput.print(refined)
            } else if !output.quiet {
                Terminal.write(RefinedText(items: refined.items).render(width: Terminal.outputWidth))
                Terminal.message(BatchText.sentence(ended))
                Terminal.message("accept: runner batch refine \(text) --accept   then: runner batch resume \(text)")
            }
            switch ended.status {
            case .completed: return
            case .cancelled: throw ExitStatus.cancelled
            case .pending, .processing, .failed: throw ExitStatus.failed
            }
        }
    }

    private static func view(_ text: String, _ workspace: Workspace) async throws -> BatchView {
        let batch = try await workspace.store.batch(matching: text)
        return BatchView(batch: batch, items: try await workspace.store.batchItems(batch.id))
    }
}
