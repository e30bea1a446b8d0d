import ArgumentParser
import Engine
import RunnerCore

struct WorkflowDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two workflows: a unified diff, and which steps differ in what.",
        discussion: "The diff goes to standard output, the list of steps to standard error.")

    @Argument(help: "A name, NAME@VERSION or the path of a file.", completion: .file(extensions: ["yaml", "yml"]))
    var old: String

    @Argument(help: "The other one.", completion: .file(extensions: ["yaml", "yml"]))
    var new: String

    @OptionGroup var place: WorkflowPlaceOptions
    @OptionGroup var output: OutputOptions

    private struct View: Encodable {
        let isEqual: Bool
        let steps: WorkflowComparison
        let patch: String
    }

    func run() async throws {
        let (old, new, repository, base) = (old, new, place.repository, place.base)
        let (patch, steps) = try await Session.with { workspace in
            try await workspace.workflowDifference(
                old, new, in: try await WorkflowPlaceOptions.find(repository, base, in: workspace))
        }
        if output.json {
            return try JSONOutput.print(
                View(isEqual: patch.isEmpty, steps: steps, patch: String(decoding: patch, as: UTF8.self)))
        }
        Terminal.write(patch)
        guard !output.quiet else { return }
        if patch.isEmpty { return Terminal.message("the texts are equal") }
        for step in steps.removed { Terminal.message("step removed: \(step)") }
        for step in steps.added { Terminal.message("step added: \(step)") }
        for change in steps.changed {
            Terminal.message("step changed: \(change.step) (\(change.keys.joined(separator: ", ")))")
        }
        if steps.isReordered { Terminal.message("the steps come in another order") }
        if !steps.workflowKeys.isEmpty {
            Terminal.message("the workflow changed: \(steps.workflowKeys.joined(separator: ", "))")
        }
    }
}
