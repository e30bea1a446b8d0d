import ArgumentParser
import Engine
import RunnerCore

struct WorkflowValidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a workflow file; each problem with file, line and key path.")

    @Argument(help: "A name or the path of a file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        do {
            let found = try WorkflowCatalog(environment: Session.settings().environment)
                .load(file, knownAgents: AgentCatalog.workflowNames)
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
}
