import ArgumentParser
import Engine

struct ServiceInstall: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Write a systemd unit for runner serve, enable it and start it.",
        discussion: """
            The variables PATH and RUNNER_… of this shell are kept for it in a file that only its owner reads. For a \
            service that goes on after you log out, say once: loginctl enable-linger. Where systemd does not run, the \
            files are written and a sentence says what is missing.
            """)

    @OptionGroup var options: ServiceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try ServiceCommand.report(try await options.service().install(), output)
    }
}
