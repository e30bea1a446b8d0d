import ArgumentParser

struct DBCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Start, stop, inspect and migrate the database.",
        subcommands: [
            DBStatus.self, DBStart.self, DBStop.self, DBMigrate.self, DBRevert.self, DBNew.self, DBValidate.self,
            DBKeep.self,
        ])
}
