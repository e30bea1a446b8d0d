import ArgumentParser

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "List agents, show one, decode their streams.",
        subcommands: [AgentList.self, AgentShow.self, AgentDecode.self])
}
