import ArgumentParser
import Engine

/// What a command leaves behind to give the disk back; not for people, but harmless.
struct Tidy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tidy", abstract: "Empty the trash and do all other housekeeping that is due.",
        shouldDisplay: false)

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reports = try await Session.with { workspace in try await workspace.tidy() }
        if output.json { try JSONOutput.print(reports) }
    }
}
