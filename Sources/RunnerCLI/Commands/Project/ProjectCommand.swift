import ArgumentParser

struct ProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project", abstract: "Group repositories, with defaults for their tasks.",
        subcommands: [
            ProjectAdd.self, ProjectList.self, ProjectShow.self, ProjectSet.self, ProjectRemove.self,
        ])
}
