import ArgumentParser
import Engine

struct ServiceShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether the service is installed and runs; status 1 when it does not.")

    @OptionGroup var options: ServiceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await options.service().status()
        try ServiceCommand.report(status, output)
        if !status.running { throw ExitStatus.failed }
    }
}
