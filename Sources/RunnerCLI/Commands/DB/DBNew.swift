import ArgumentParser
import Engine

struct DBNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write an empty pair of migration files (for runner's own developers).")

    @Argument(help: "What it does, as add_priority.")
    var name: String

    @Option(help: "The folder of migrations.", completion: .directory)
    var directory = "migrations"

    @OptionGroup var output: OutputOptions

    func run() throws {
        let paths = try DatabaseAdministration.newMigration(name, in: directory)
        if output.json { return try JSONOutput.print(paths) }
        for path in paths { Terminal.write(path + "\n") }
    }
}
