import Agents
import ArgumentParser
import Engine
import Foundation
import Glibc

/// What an ACP agent's step runs: see `ACPDriver`; not for people.
struct AgentTalk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talk", abstract: "Talk to an agent in the Agent Client Protocol.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough)
    var command: [String]

    func run() throws {
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        let data = try FileHandle.standardInput.readToEnd() ?? Data()
        guard !words.isEmpty, let request = try? ACPRequest(json: data) else {
            throw EngineError(.invalidArgument, "this command is for the runner itself", hint: "see docs/agents.md")
        }
        guard let folder = realpath(".", nil) else { throw ExitStatus.environment }
        defer { free(folder) }
        var driver = ACPDriver(request, worktree: String(cString: folder))
        let status = try driver.run(words)
        Glibc.exit(status)
    }
}
