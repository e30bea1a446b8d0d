import ArgumentParser

struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact", abstract: "List, show and save what steps handed over.",
        subcommands: [ArtifactList.self, ArtifactShow.self, ArtifactSave.self])
}
