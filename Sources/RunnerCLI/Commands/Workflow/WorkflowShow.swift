import ArgumentParser
import Engine
import RunnerCore

struct WorkflowShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a workflow's source.")

    @Argument(help: "A name, NAME@VERSION or the path of a file.")
    var name: String

    @OptionGroup var place: WorkflowPlaceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (name, repository, base) = (name, place.repository, place.base)
        // A file, and what is in the program, need no database.
        let found: WorkflowCatalog.Found
        switch WorkflowReference(name) {
        case .path, .source(.bundled, _), .source(.user, _):
            found = try WorkflowCatalog(environment: Session.settings().environment)
                .load(name, knownAgents: AgentCatalog.workflowNames)
        default:
            found = try await Session.with { workspace in
                try await workspace.workflows.find(
                    name, in: try await WorkflowPlaceOptions.find(repository, base, in: workspace))
            }
        }
        if output.json { return try JSONOutput.print(found.definition) }
        if output.quiet { return Terminal.write(found.checksum + "\n") }
        if found.kind == .repository {
            Terminal.message("\(found.origin)  SHA-256 \(found.checksum)")
            // Nobody has read it yet: nothing in it may steer the terminal.
            return Terminal.write(Terminal.plainLines(found.source) + (found.source.hasSuffix("\n") ? "" : "\n"))
        }
        Terminal.write(found.source)
    }
}
