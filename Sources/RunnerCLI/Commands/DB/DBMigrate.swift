import ArgumentParser
import Engine

struct DBMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Apply the migrations that the database lacks.")

    @Flag(help: "Only say which would be applied.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let applied = try await DatabaseAdministration(settings: try Session.settings()).migrate(dryRun: dryRun)
        if output.json { return try JSONOutput.print(applied) }
        for migration in applied { Terminal.write("\(migration)\n") }
        if applied.isEmpty, !output.quiet { Terminal.message("nothing to apply") }
    }
}
