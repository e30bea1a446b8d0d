import ArgumentParser
import Engine
import RunnerCore

struct WorkflowValidate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a workflow file; each problem with file, line and key path.")

    @Argument(help: "A name or the path of a file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var place: WorkflowPlaceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        do {
            let found = try await find()
            try found.check(calls: try await calls(of: found))
            if output.json { return try JSONOutput.print([WorkflowError]()) }
            if !output.quiet {
                Terminal.message(
                    "\(found.origin) is right: \(found.definition.steps.count) step\(found.definition.steps.count == 1 ? "" : "s")"
                )
            }
        } catch let problems as WorkflowErrors {
            if output.json {
                try JSONOutput.print(problems.errors)
            } else {
                for problem in problems.errors { Terminal.message(Terminal.plain(problem.description)) }
            }
            throw ExitStatus.failed
        }
    }

    /// The database is asked only where a name needs it, and none is made for it.
    private func calls(of found: WorkflowCatalog.Found) async throws -> WorkflowCalls {
        let settings = try Session.settings()
        let catalog = WorkflowCatalog(environment: settings.environment)
        let near = WorkflowCalls(
            of: found, in: catalog, hidesBundled: place.repository != nil || settings.mayHaveDatabase)
        guard near.isOpen else { return near }
        let (repository, base) = (place.repository, place.base)
        return try await Session.with { workspace in
            var calls = near
            try await calls.ask(
                workspace.workflows, in: try await WorkflowPlaceOptions.find(repository, base, in: workspace))
            return calls
        }
    }

    private func find() async throws -> WorkflowCatalog.Found {
        let (file, repository, base) = (file, place.repository, place.base)
        switch WorkflowReference(file) {
        case .path, .source(.bundled, _), .source(.user, _):
            return try WorkflowCatalog(environment: Session.settings().environment)
                .load(file, knownAgents: AgentCatalog.workflowNames)
        default:
            return try await Session.with { workspace in
                try await workspace.workflows.find(
                    file, in: try await WorkflowPlaceOptions.find(repository, base, in: workspace))
            }
        }
    }
}
