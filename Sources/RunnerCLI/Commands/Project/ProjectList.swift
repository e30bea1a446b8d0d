import ArgumentParser
import Engine
import RunnerCore
import Store

struct ProjectList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the projects.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let projects = try await Session.with { try await $0.store.projects() }
        if output.json { return try JSONOutput.print(projects) }
        if output.quiet { return Terminal.write(projects.map { $0.name + "\n" }.joined()) }
        guard !projects.isEmpty else { return Terminal.message("no projects; make one: runner project add <name>") }
        let rows = projects.map {
            [
                $0.name, $0.workflow ?? "", $0.agent ?? "", $0.repositories.joined(separator: ", "),
                Terminal.plain($0.description),
            ]
        }
        Terminal.write(
            Table(headings: ["NAME", "WORKFLOW", "AGENT", "REPOSITORIES", "DESCRIPTION"], rows: rows).render())
    }
}
