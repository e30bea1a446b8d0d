import ArgumentParser

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "List agents, show one, their limits, decode their streams.",
        subcommands: [AgentList.self, AgentShow.self, AgentLimits.self, AgentDecode.self])
}
