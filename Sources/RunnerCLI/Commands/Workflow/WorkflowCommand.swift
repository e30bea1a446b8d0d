import ArgumentParser

struct WorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow", abstract: "List, show, check, plan, compare and publish workflows.",
        discussion: """
            A name is looked for in the user's folder (~/.config/runner/workflows), among those published, in the \
            folder .runner/workflows of the repository, and among the bundled ones; user:, database:, repository: and \
            bundled: before it choose one of these, NAME@3 is version 3 of the database, and a name with a slash or \
            the ending .yaml is a file.
            """,
        subcommands: [
            WorkflowList.self, WorkflowShow.self, WorkflowValidate.self, WorkflowPlanCommand.self, WorkflowDiff.self,
            WorkflowPublish.self, WorkflowPause.self, WorkflowArchive.self, WorkflowActivate.self,
            WorkflowHistory.self,
        ])
}
