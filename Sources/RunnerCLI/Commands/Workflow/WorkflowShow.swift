import ArgumentParser
import Engine
import RunnerCore

struct WorkflowShow: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print a workflow's source.")

    @Argument(help: "A name or the path of a file.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let found = try WorkflowCatalog(environment: Session.settings().environment)
            .load(name, knownAgents: AgentCatalog.workflowNames)
        if output.json { return try JSONOutput.print(found.definition) }
        Terminal.write(found.source)
    }
}
