import ArgumentParser
import CPlatform
import Engine
import Foundation
import Glibc
import RunnerCore

struct ArtifactSave: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Write an artifact into a file, byte for byte.",
        discussion: "The path is printed. A file that is there already is kept, unless --force is given.")

    @Argument(help: "The task's number.")
    var task: String

    @Argument(help: "The artifact's name.")
    var name: String

    @Option(help: "The version; the default is the newest.")
    var version: Int?

    @Option(help: "The file or the folder; the default is a file of the artifact's name here.", completion: .file())
    var to: String?

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var output: OutputOptions

    private struct View: Encodable {
        let path: String
        let artifact: ArtifactRecord
    }

    func run() async throws {
        let (task, name, version) = (task, name, version)
        let (record, bytes) = try await Session.with { workspace in
            try await workspace.artifact(name, of: task, version: version)
        }
        var path = RunnerHome.absolute(to ?? ".")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            path += "/" + record.name
        }
        try write(bytes, to: path)
        if output.json { return try JSONOutput.print(View(path: path, artifact: record)) }
        Terminal.write(path + "\n")
        if !output.quiet { Terminal.message("version \(record.version), \(record.size) bytes") }
    }

    /// Beside the target first, so that nobody sees half of it.
    private func write(_ bytes: [UInt8], to path: String) throws {
        let isThere = access(path, F_OK) == 0
        if isThere, !force {
            throw EngineError(.wrongState, "there is a file \"\(path)\" already", hint: "replace it with --force")
        }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw EngineError(
                .homeUnusable, "\"\(path)\" cannot be written", hint: "check the folder, its permissions and free space"
            )
        }
    }
}
