import ArgumentParser
import Engine
import RunnerCore

struct ArtifactShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print an artifact, byte for byte.",
        discussion: "On a terminal control characters are left out, and what is no text is not printed: save it.")

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "The artifact's name.")
    var name: String

    @Option(help: "The version; the default is the newest.")
    var version: Int?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (task, name, version) = (task, name, version)
        let (record, bytes) = try await Session.with { workspace in
            try await workspace.artifact(name, of: task, version: version)
        }
        if output.json { return try JSONOutput.print(record) }
        if output.quiet { return Terminal.write(record.sha256 + "\n") }
        guard Terminal.isOutputTerminal else { return Terminal.write(bytes) }
        guard record.kind != .file else {
            throw EngineError(
                .invalidArgument, "\"\(name)\" is no text (\(record.mediaType), \(record.size) bytes)",
                hint: "save it with runner artifact save \(task) '\(name)'")
        }
        Terminal.write(Terminal.plainLines(String(decoding: bytes, as: UTF8.self)))
        if bytes.last != 10 { Terminal.write("\n") }
    }
}
