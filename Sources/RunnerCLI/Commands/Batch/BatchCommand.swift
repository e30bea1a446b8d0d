import ArgumentParser

struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Work through a list of tasks, in order or side by side.",
        subcommands: [
            BatchStart.self, BatchList.self, BatchShow.self, BatchCancel.self, BatchResume.self, BatchRefine.self,
        ])
}
