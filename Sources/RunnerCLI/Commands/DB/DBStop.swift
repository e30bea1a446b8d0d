import ArgumentParser
import Engine

struct DBStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the private database server.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await DatabaseAdministration(settings: try Session.settings()).stop()
        if output.json { return try JSONOutput.print(status) }
        if !output.quiet { Terminal.message("the database server is \(status.state)") }
    }
}
