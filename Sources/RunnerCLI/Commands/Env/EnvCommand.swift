import ArgumentParser

struct EnvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Worktrees: what they take, why they stay, and locks.",
        subcommands: [EnvList.self, EnvShow.self, EnvLock.self, EnvUnlock.self, EnvRelocate.self])
}
