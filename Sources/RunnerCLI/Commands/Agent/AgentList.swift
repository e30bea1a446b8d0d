import Agents
import ArgumentParser
import Engine

struct AgentList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the agents that workflows can name, and where they are installed.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let agents = await Doctor(settings: try Session.settings()).agents()
        if output.json { return try JSONOutput.print(agents) }
        if output.quiet { return Terminal.write(agents.map { $0.name + "\n" }.joined()) }
        for agent in agents { Terminal.write(CheckMark.line(agent.verdict, agent.name, agent.detail, agent.advice)) }
    }
}
