import ArgumentParser
import Engine

struct DBStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start the private database server and leave it running.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await DatabaseAdministration(settings: try Session.settings()).start()
        if output.json { return try JSONOutput.print(status) }
        if !output.quiet { Terminal.message("the database server is \(status.state)") }
    }
}
