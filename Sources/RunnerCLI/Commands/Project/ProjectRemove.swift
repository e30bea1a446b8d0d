import ArgumentParser
import Engine
import RunnerCore
import Store

struct ProjectRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Forget a project; its repositories and their tasks stay.")

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let name = name
        try await Session.with { workspace in
            try await workspace.store.removeProject(try await workspace.store.project(named: name).id)
        }
        if output.json { return try JSONOutput.print(["removed": name]) }
        if !output.quiet { Terminal.message("removed") }
    }
}
