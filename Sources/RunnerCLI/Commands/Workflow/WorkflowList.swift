import ArgumentParser
import Engine

struct WorkflowList: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the bundled workflows.")

    @OptionGroup var output: OutputOptions

    func run() throws {
        if output.json { return try JSONOutput.print(WorkflowCatalog.bundledNames) }
        Terminal.write(WorkflowCatalog.bundledNames.map { $0 + "\n" }.joined())
    }
}
