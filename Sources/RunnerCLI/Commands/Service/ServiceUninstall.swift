import ArgumentParser
import Engine

struct ServiceUninstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninstall", abstract: "Stop the service and remove its files.",
        discussion: "Steps that run go on, and the next worker takes them up.")

    @OptionGroup var options: ServiceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await options.service().uninstall()
        if output.json { return try JSONOutput.print(status) }
        if !output.quiet { Terminal.message("the service is not installed any more") }
    }
}
