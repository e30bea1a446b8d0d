import ArgumentParser
import Engine
import Foundation

struct DBStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say which database is used, whether it runs, and which migrations it has.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await DatabaseAdministration(settings: try Session.settings()).status()
        if output.json { return try JSONOutput.print(status) }
        if output.quiet { return Terminal.write(status.state + "\n") }
        var lines = [("storage", status.storage), ("state", status.state)]
        if let version = status.version { lines.append(("server", version)) }
        if let directory = status.directory { lines.append(("data", directory)) }
        if let socket = status.socket { lines.append(("socket", socket)) }
        if let bytes = status.sizeBytes { lines.append(("size", "\(bytes / 1_048_576) MiB")) }
        for migration in status.migrations ?? [] {
            lines.append(
                (
                    "migration",
                    "\(migration.version) \(migration.name)  \(migration.state)\(migration.appliedAt.map { " " + Moments.iso($0) } ?? "")"
                ))
        }
        Terminal.write(lines.map { $0.0.padding(toLength: 11, withPad: " ", startingAt: 0) + $0.1 + "\n" }.joined())
    }
}
