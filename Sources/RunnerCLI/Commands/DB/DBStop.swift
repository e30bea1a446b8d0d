import ArgumentParser
import Engine

struct DBStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop the private database server.")

    @Flag(help: "Also while a run is going on, which then fails.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await DatabaseAdministration(settings: try Session.settings()).stop(force: force)
        if output.json { return try JSONOutput.print(status) }
        if !output.quiet { Terminal.message("the database server is \(status.state)") }
    }
}
