import ArgumentParser

struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "List, add, change and test agents; show their limits, decode their streams.",
        subcommands: [
            AgentList.self, AgentShow.self, AgentAdd.self, AgentSet.self, AgentRemove.self, AgentTest.self,
            AgentDoctor.self, AgentLimits.self, AgentDecode.self, AgentTalk.self,
        ])
}
