import ArgumentParser

struct WorkflowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow", abstract: "List, show and check workflows.",
        subcommands: [WorkflowList.self, WorkflowShow.self, WorkflowValidate.self])
}
