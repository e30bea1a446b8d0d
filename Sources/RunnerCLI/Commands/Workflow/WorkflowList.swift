import ArgumentParser
import Engine
import RunnerCore

struct WorkflowList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the workflows that a name can mean, in the order they are looked for.")

    @Option(help: "Only those with this tag.")
    var tag: String?

    @OptionGroup var place: WorkflowPlaceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (repository, base) = (place.repository, place.base)
        var entries = try await Session.with { workspace in
            try await workspace.workflowEntries(
                in: try await WorkflowPlaceOptions.find(repository, base, in: workspace))
        }
        if let tag { entries = entries.filter { $0.tags.contains(tag) } }
        if output.json { return try JSONOutput.print(entries) }
        if output.quiet {
            return Terminal.write(entries.filter { !$0.isHidden }.map { Terminal.plain($0.name) + "\n" }.joined())
        }
        let rows = entries.map { entry in
            [
                Terminal.plain(entry.name), entry.origin.rawValue, entry.version.map(String.init) ?? "",
                Self.state(entry), entry.tags.map { Terminal.plain($0) }.joined(separator: " "),
                Terminal.plain(String((entry.problem ?? entry.description ?? "").prefix(80))),
            ]
        }
        Terminal.write(
            Table(headings: ["NAME", "FROM", "VERSION", "STATE", "TAGS", "DESCRIPTION"], rows: rows).render())
    }

    private static func state(_ entry: WorkflowEntry) -> String {
        if entry.problem != nil { return "broken" }
        if entry.isAllowed == false { return "not allowed" }
        return entry.status.rawValue + (entry.isHidden ? ", hidden" : "")
    }
}
