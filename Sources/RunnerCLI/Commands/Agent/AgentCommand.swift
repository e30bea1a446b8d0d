import ArgumentParser

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "List agents and decode their streams.",
        subcommands: [AgentList.self, AgentDecode.self])
}
