import ArgumentParser
import Engine
import RunnerCore

struct WorkflowPublish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Make a file the newest version of the workflow that it names.",
        discussion: """
            The version is kept in the database and can be started by its name from everywhere. A text that is there \
            already makes no new version, but becomes the one that the name means. The version's number is printed.
            """)

    @Argument(help: "The path of a file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(help: "A tag, instead of those of before; can be repeated. An empty one takes all away.")
    var tag: [String] = []

    @Flag(help: "As a draft: it is started only by version, as NAME@1, until it is published without this.")
    var draft = false

    @OptionGroup var output: OutputOptions

    private struct View: Encodable {
        let name: String
        let version: Int
        let isNew: Bool
        let status: WorkflowStatus
        let tags: [String]
    }

    func validate() throws {
        if tag.contains(where: { $0.count > 100 || $0.contains(where: \.isNewline) }) {
            throw ValidationError("A tag is one line of at most 100 characters.")
        }
    }

    func run() async throws {
        let tags = tag.isEmpty ? nil : Array(Set(tag.filter { !$0.isEmpty })).sorted()
        let (file, draft) = (file, draft)
        let (record, version, isNew) = try await Session.with { workspace in
            try await workspace.publishWorkflow(file, tags: tags, isDraft: draft)
        }
        if output.json {
            return try JSONOutput.print(
                View(name: record.name, version: version, isNew: isNew, status: record.status, tags: record.tags))
        }
        Terminal.write("\(version)\n")
        guard !output.quiet else { return }
        let what = isNew ? "published as version \(version)" : "is version \(version) already, which its name means now"
        Terminal.message("\(Terminal.plain(record.name)) \(what)")
        if record.status == .paused {
            Terminal.message(
                "it is paused; make it active with runner workflow activate \(Terminal.plain(record.name))")
        }
    }
}
