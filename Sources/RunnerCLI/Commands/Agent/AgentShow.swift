import Agents
import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct AgentShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how an agent is driven, and whether it is installed.")

    @Argument(help: "The agent, as agent list names it.")
    var name: String

    @OptionGroup var output: OutputOptions

    private struct Shown: Encodable {
        let name: String
        let type: String
        let evidence: AgentEvidence
        let capabilities: [AgentCapability]
        let defaults: [String: JSONValue]
        let program: String?
        /// Where it was found.
        let path: String?
        let version: String?
        let command: [String]
        let environment: [String: String]
        let passThroughEnvironment: [String]
        let readsPromptFromStandardInput: Bool
        let speaksACP: Bool
        let interrupt: AgentInterrupt
        let reports: [String]
        let worktreeFiles: [String]
    }

    func run() async throws {
        let adapter = try AgentCatalog.adapter(name)
        let shown = try await shown(adapter)
        if output.json { return try JSONOutput.print(shown) }
        if output.quiet { return Terminal.write(name + "\n") }
        var rows = [
            ("agent", shown.name), ("type", shown.type), ("known from", text(shown.evidence)),
            ("program", program(shown)),
            ("command", shown.command.joined(separator: " ")),
            (
                "prompt",
                shown.speaksACP
                    ? "in the Agent Client Protocol"
                    : shown.readsPromptFromStandardInput ? "on standard input" : "in the command line"
            ),
            ("stopped by", shown.interrupt == .interrupt ? "SIGINT, then SIGTERM" : "SIGTERM"),
            ("inherits", shown.passThroughEnvironment.joined(separator: " ")),
        ]
        if !shown.capabilities.isEmpty {
            rows.append(("tells", shown.capabilities.map(\.rawValue).joined(separator: " ")))
        }
        if !shown.defaults.isEmpty {
            let pairs = shown.defaults.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.plainText)" }
            rows.append(("defaults", pairs.joined(separator: " ")))
        }
        if !shown.worktreeFiles.isEmpty {
            rows.append(("may leave", shown.worktreeFiles.joined(separator: " ")))
        }
        for (label, value) in rows {
            Terminal.write(label.padding(toLength: 12, withPad: " ", startingAt: 0) + Terminal.plain(value) + "\n")
        }
    }

    private func shown(_ adapter: any AgentAdapter) async throws -> Shown {
        let defaults = try AgentCatalog.defaults(of: adapter)
        let needed: [String: JSONValue] = adapter.takesCommand ? ["command": .string("COMMAND")] : [:]
        let options = needed.merging(defaults) { $1 }
        let request = AgentRequest(
            prompt: "PROMPT", promptFile: "PROMPT-FILE", outputFolder: "FOLDER", worktree: "WORKTREE", options: options)
        let launch = try adapter.launch(request)
        let settings = try Session.settings()
        let doctor = Doctor(settings: settings)
        var version: String?
        if let probe = adapter.versionProbe { version = await doctor.version(probe) }
        return Shown(
            name: adapter.name, type: AgentFiles(environment: settings.environment).type(of: adapter),
            evidence: adapter.evidence,
            capabilities: adapter.facts.reports.sorted { $0.rawValue < $1.rawValue }, defaults: defaults,
            program: adapter.program,
            path: adapter.program.flatMap { ProgramPath.find($0, on: settings.environment["PATH"]) }, version: version,
            command: launch.argv, environment: launch.environment,
            passThroughEnvironment: launch.passThroughEnvironment, readsPromptFromStandardInput: launch.stdin != nil,
            speaksACP: launch.speaksACP, interrupt: launch.interrupt, reports: launch.reports.map(\.path),
            worktreeFiles: adapter.worktreeFiles)
    }

    private func program(_ shown: Shown) -> String {
        guard let program = shown.program else { return "any" }
        guard let more = shown.version ?? shown.path else { return program + ", not installed" }
        return more == program ? program : "\(program), \(more)"
    }

    private func text(_ evidence: AgentEvidence) -> String {
        switch evidence {
        case .recorded: "streams of the real program, decoded in the tests"
        case .documented: "documentation; not tested with the real program"
        case .described: "a file of yours"
        }
    }
}
