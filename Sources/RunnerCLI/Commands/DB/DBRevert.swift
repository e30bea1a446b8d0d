import ArgumentParser
import Engine

struct DBRevert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revert", abstract: "Take back the newest migrations, with the data they hold.")

    @Argument(help: "How many.")
    var count = 1

    @Flag(help: "Also while there are tasks, whose history goes with the tables.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard count > 0 else { throw ValidationError("Give a number above 0.") }
    }

    func run() async throws {
        let reverted = try await DatabaseAdministration(settings: try Session.settings()).revert(count, force: force)
        if output.json { return try JSONOutput.print(reverted) }
        for migration in reverted { Terminal.write("\(migration)\n") }
        if reverted.isEmpty, !output.quiet { Terminal.message("nothing to revert") }
    }
}
