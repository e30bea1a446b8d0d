import ArgumentParser
import Engine
import RunnerCore
import Store

struct RepoList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the registered repositories.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let repositories = try await Session.with { workspace in try await workspace.store.repositories() }
        if output.json { return try JSONOutput.print(repositories) }
        if output.quiet { return Terminal.write(repositories.map { $0.name + "\n" }.joined()) }
        guard !repositories.isEmpty else {
            return Terminal.message("no repositories; register one: runner repo add <url|path>")
        }
        let rows = repositories.map {
            [
                $0.name, $0.status.rawValue, $0.defaultBranch ?? "", $0.fetchedAt.map { Moments.relative($0) } ?? "",
                $0.url,
            ]
        }
        Terminal.write(Table(headings: ["NAME", "STATE", "BRANCH", "FETCHED", "URL"], rows: rows).render())
    }
}
